#include "measure/report/words.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <map>
#include <numeric>

#include "measure/analysis/text.h"

namespace turnpike::measure::report {
namespace {

/// The name of the factor that has this value, among those that were not named yet.
std::string takeFactor(std::map<std::string, std::string>& left, const std::string& value) {
    for (const auto& [name, its_value] : left) {
        if (its_value != value) continue;
        std::string taken = name;
        left.erase(taken);
        return taken;
    }
    return {};
}

/// Thin spaces between thousands; `text` is a number.
std::string grouped(std::string text) {
    size_t whole = std::min(text.find('.'), text.size());
    if (whole < 5) return text;
    for (size_t at = whole; at > 3; at -= 3) text.insert(at - 3, "\u202F");
    return text;
}

}  // namespace

std::string labelOf(const Cell& cell, const std::vector<std::string>& without) {
    auto left = cell.factors;
    std::string label;
    size_t from = cell.key.find('/') + 1;
    for (size_t slash = cell.key.find('/', from); slash != std::string::npos; slash = cell.key.find('/', from)) {
        const std::string part = cell.key.substr(from, slash - from), factor = takeFactor(left, part);
        const bool is_wanted =
            factor != "probe" && std::find(without.begin(), without.end(), factor) == without.end();
        const std::string value = is_wanted ? valueText(factor, part) : "";
        if (!value.empty()) label += (label.empty() ? "" : ", ") + value;
        from = slash + 1;
    }
    return label.empty() ? "all else equal" : label;
}

std::string valueText(const std::string& factor, const std::string& value) {
    if (factor == "size" || factor == "body") return sizeText(std::strtod(value.c_str(), nullptr));
    if (factor == "queries") return value + (value == "1" ? " query" : " queries");
    if (factor == "calls") return value + " calls";
    if (factor == "dynamic") return value + " % dynamic";
    if ((factor == "connection" || factor == "transport") && value == "none") return "";
    if (factor == "arm") return "A/A arm " + value;
    if (factor == "ledger") return "ledger " + value;
    if (factor == "filter" && value == "none") return "no filter";
    return value;
}

std::string factorText(const std::string& factor) {
    if (factor == "size") return "size of the file";
    if (factor == "body") return "size of the body";
    if (factor == "queries") return "number of queries";
    if (factor == "calls") return "injected system calls per request";
    if (factor == "dynamic") return "share of dynamic pages (%)";
    return factor;
}

std::string metricText(const std::string& metric, const std::string& unit) {
    if (metric == "cpu") return "CPU time per " + unit;
    if (metric == "p50") return "median latency";
    return metric;
}

const char* loadText(LoadKind load) { return load == LoadKind::Single ? "one connection" : "saturation"; }

double callsOf(const CellSummary& cell) { return std::accumulate(cell.calls.begin(), cell.calls.end(), 0.0); }

std::string factorOfChange(const Estimate& ratio) {
    if (!ratio.isKnown()) return "not measured";
    return "×" + figure(ratio.value) + " (" + figure(ratio.low) + " to " + figure(ratio.high) + ")";
}

std::string tickText(double value) { return grouped(print("%.10g", value)); }

std::string number(const Estimate& estimate) {
    if (!estimate.isKnown()) return "–";
    return grouped(figure(estimate.value)) + " <small>" + grouped(figure(estimate.low)) + " to " +
           grouped(figure(estimate.high)) + "</small>";
}

std::string timeText(int64_t unix_ms) {
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds{unix_ms}};
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss time{floor<minutes>(at - day)};
    return print("%04d-%02u-%02u %02ld:%02ld UTC", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                 static_cast<long>(time.hours().count()), static_cast<long>(time.minutes().count()));
}

std::string titleOf(const Run& run) {
    return "Turnpike run " + std::to_string(run.id) + (run.name.empty() ? "" : ": " + run.name);
}

std::string countText(uint64_t count, const char* one) {
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string slug(const std::string& text) {
    std::string out;
    for (char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        else if (!out.empty() && out.back() != '-')
            out += '-';
    }
    return out;
}

}  // namespace turnpike::measure::report
