// prometheus_text.h - reads the text format of Prometheus 0.0.4 as strictly as its specification says it; what is
// wrong fails the test.
#pragma once
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace turnpike {

struct PrometheusText {
    std::map<std::string, std::string> types;  // by name of the metric
    std::map<std::string, double> samples;     // by name with its labels, as it stands there

    double value(const std::string& sample) const {
        auto found = samples.find(sample);
        if (found != samples.end()) return found->second;
        ADD_FAILURE() << "no sample " << sample;
        return -1;
    }

    explicit PrometheusText(const std::string& text) {
        EXPECT_TRUE(text.ends_with('\n'));
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);)
            line.starts_with('#') ? readComment(line) : readSample(line);
        checkHistograms();
    }

 private:
    void readComment(const std::string& line) {
        static const std::regex shape(R"(# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (\S.*))");
        std::smatch match;
        if (!std::regex_match(line, match, shape)) return (void)(ADD_FAILURE() << line);
        if (match[1] == "HELP") {
            EXPECT_TRUE(helped_.insert(match[2]).second) << "a metric stands there twice: " << line;
            current_ = match[2];
            return;
        }
        EXPECT_EQ(current_, match[2]) << "HELP and TYPE belong together";
        static const std::regex known("counter|gauge|histogram");
        EXPECT_TRUE(std::regex_match(match[3].str(), known)) << line;
        types[match[2]] = match[3];
        if (match[3] == "counter") {
            EXPECT_TRUE(current_.ends_with("_total")) << line;
        }
    }
    void readSample(const std::string& line) {
        static const std::regex shape(
            R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"(?:,[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*")*\})? (\d+(?:\.\d+)?))");
        std::smatch match;
        if (!std::regex_match(line, match, shape)) return (void)(ADD_FAILURE() << line);
        const std::string name = match[1], type = types[current_];
        const bool is_part = type == "histogram" && (name == current_ + "_bucket" || name == current_ + "_sum" ||
                                                     name == current_ + "_count");
        EXPECT_TRUE(name == current_ || is_part) << line << " stands below " << current_;
        EXPECT_TRUE(samples.emplace(name + match[2].str(), std::stod(match[3])).second) << "twice: " << line;
        if (name.ends_with("_bucket")) buckets_[current_ + withoutBound(match[2])].push_back(std::stod(match[3]));
        if (name.ends_with("_count")) counts_[current_ + match[2].str()] = std::stod(match[3]);
    }
    static std::string withoutBound(const std::string& labels) {
        return std::regex_replace(labels, std::regex(R"(,?le="[^"]*")"), "");
    }
    /// Buckets are cumulative, and the last one is all.
    void checkHistograms() {
        EXPECT_EQ(buckets_.size(), counts_.size());
        for (const auto& [name, counts] : buckets_) {
            EXPECT_TRUE(std::is_sorted(counts.begin(), counts.end())) << name;
            EXPECT_EQ(counts.back(), counts_[name]) << name;
        }
    }

    std::string current_;
    std::set<std::string> helped_;
    std::map<std::string, std::vector<double>> buckets_;
    std::map<std::string, double> counts_;
};

}  // namespace turnpike
