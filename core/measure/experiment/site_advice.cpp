#include "measure/experiment/site_advice.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>

#include "measure/stats/bootstrap.h"
#include "measure/stats/summary.h"

namespace turnpike::measure {
namespace {

using Metric = std::function<double(const Trial&)>;
using Series = std::map<uint32_t, double>;  // by block

double cpuUs(const Trial& trial) {
    const uint64_t ns = trial.engine_ns + trial.backend_ns.value_or(0);
    return static_cast<double>(ns) / 1000 / static_cast<double>(trial.requests);
}
double p50Us(const Trial& trial) { return static_cast<double>(trial.latency_ns.percentile(50)) / 1000; }
double perSecond(const Trial& trial) {
    return static_cast<double>(trial.requests) * 1e9 / static_cast<double>(trial.elapsed_ns);
}
double callsEach(const Trial& trial) {
    return static_cast<double>(trial.crossings.calls()) / static_cast<double>(trial.requests);
}

Series seriesOf(const std::vector<Trial>& trials, const std::string& cell, const Metric& metric) {
    Series series;
    for (const Trial& trial : trials)
        if (trial.cell == cell && trial.rejected.empty()) series[trial.block] = metric(trial);
    return series;
}

double medianOf(const Series& series) {
    std::vector<double> values;
    for (const auto& [block, value] : series) values.push_back(value);
    return median(values);
}

Estimate ratioOf(const Series& before, const Series& after, uint64_t seed) {
    std::vector<double> a, b;
    for (const auto& [block, value] : after)
        if (auto found = before.find(block); found != before.end()) {
            a.push_back(found->second);
            b.push_back(value);
        }
    return a.size() < 2 ? Estimate() : pairedRatio(Draws(a.size(), seed), a, b);
}

std::string cellOf(const SiteWay& way, const char* load) { return "site/" + way.name + "/" + load; }

std::string print(const char* format, auto... values) {
    char text[256];
    std::snprintf(text, sizeof text, format, values...);
    return text;
}

std::string ratioText(const Estimate& ratio) {
    if (!ratio.isKnown()) return print("%22s", "-");
    return print("%8.3f (%.3f-%.3f)", ratio.value, ratio.low, ratio.high);
}

/// The distance from 1 that the site itself had from itself.
double chance(const WayResult& again) {
    return std::max(std::abs(again.cpu.low - 1), std::abs(again.cpu.high - 1));
}

bool isDifferent(const Estimate& ratio, double chance) {
    return ratio.excludes(1) && std::abs(ratio.value - 1) > chance;
}

/// "12.0 % less CPU (9.1 to 14.8 %)"
std::string changeText(const char* what, const Estimate& ratio) {
    const bool is_less = ratio.value < 1;
    const double sign = is_less ? -100 : 100;
    double low = sign * (ratio.low - 1), high = sign * (ratio.high - 1);
    if (low > high) std::swap(low, high);
    return print("%.1f %% %s %s (%.1f to %.1f %%)", sign * (ratio.value - 1), is_less ? "less" : "more", what, low,
                 high);
}

std::string adviceFor(const WayResult& way, double chance) {
    if (!way.cpu.isKnown()) return way.name + ": not measured in two blocks that count.\n";
    if (!isDifferent(way.cpu, chance)) return way.name + ": no difference in CPU that this run can see.\n";
    std::string text = way.name + ": " + changeText("CPU per request", way.cpu);
    if (way.p50.isKnown() && way.p50.excludes(1)) text += ", " + changeText("latency of one client", way.p50);
    if (way.throughput.isKnown() && way.throughput.excludes(1))
        text += ", " + changeText("requests per second", way.throughput);
    return text + print("; 95 %% intervals over %zu blocks. In the route: ", way.cpu.n) + way.change + "\n";
}

}  // namespace

std::vector<WayResult> resultsOf(const std::vector<SiteWay>& ways, const std::vector<Trial>& trials,
                                 uint64_t seed) {
    std::vector<WayResult> results;
    for (const SiteWay& way : ways) {
        auto series = [&](const SiteWay& of, const char* load, const Metric& metric) {
            return seriesOf(trials, cellOf(of, load), metric);
        };
        auto ratio = [&](const char* load, const Metric& metric) {
            return ratioOf(series(ways.front(), load, metric), series(way, load, metric), seed);
        };
        WayResult result{way.name,
                         way.change,
                         medianOf(series(way, "saturation", perSecond)),
                         medianOf(series(way, "single", p50Us)),
                         medianOf(series(way, "single", cpuUs)),
                         medianOf(series(way, "single", callsEach)),
                         ratio("single", cpuUs),
                         ratio("single", p50Us),
                         ratio("saturation", perSecond)};
        for (const Trial& trial : trials) {
            if (!trial.cell.starts_with("site/" + way.name + "/")) continue;
            ++(trial.rejected.empty() ? result.trials : result.rejected);
        }
        results.push_back(std::move(result));
    }
    return results;
}

std::string wayTable(const std::vector<WayResult>& results) {
    size_t width = 3;
    for (const WayResult& way : results) width = std::max(width, way.name.size());
    const int name = static_cast<int>(width);
    std::string text =
        print("%-*s %9s %9s %9s %9s   %-22s   %-22s   %-22s %4s %4s\n", name, "way", "req/s", "p50 us", "CPU us",
              "crossings", "CPU, times as it is", "p50, times as it is", "req/s, times as it is", "n", "rej");
    for (const WayResult& way : results)
        text += print("%-*s %9.0f %9.1f %9.1f %9.2f   ", name, way.name.c_str(), way.per_second, way.p50_us,
                      way.cpu_us, way.calls) +
                ratioText(way.cpu) + "   " + ratioText(way.p50) + "   " + ratioText(way.throughput) +
                print(" %4u %4u\n", way.trials, way.rejected);
    return text;
}

std::string wayAdvice(const std::vector<WayResult>& results) {
    constexpr size_t kAgain = 1;
    if (results.size() <= kAgain || !results[kAgain].cpu.isKnown())
        return "Nothing can be advised: fewer than two blocks of the site as it is count. `turnpike runs` tells "
               "why\n"
               "trials were rejected; most often something else was busy on the machine.\n";
    const double seen = chance(results[kAgain]);
    std::string text =
        print("The site against itself differs by up to %.1f %% of CPU: less than that is chance.\n", 100 * seen);
    const WayResult* best = nullptr;
    for (size_t i = kAgain + 1; i < results.size(); ++i) {
        text += adviceFor(results[i], seen);
        const bool is_better = isDifferent(results[i].cpu, seen) && results[i].cpu.high < 1;
        if (is_better && (best == nullptr || results[i].cpu.value < best->cpu.value)) best = &results[i];
    }
    if (best == nullptr) return text + "Leave it as it is: no other way costs less that this run can tell.\n";
    return text + "Best: " + best->name + " (" + best->change + ").\n";
}

}  // namespace turnpike::measure
