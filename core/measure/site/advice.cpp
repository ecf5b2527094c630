#include "measure/site/advice.h"

#include <algorithm>
#include <cmath>

#include "measure/analysis/effects.h"
#include "measure/analysis/text.h"
#include "measure/experiment/judge.h"

namespace turnpike::measure {
namespace {

using Level = Contrast::Level;

constexpr double kMultiple = 2;  // from here on a factor is told as one, below as a percentage

/// What a contrast is about, in the words of each direction.
struct Words {
    const char* more;  // after "12.0 % (11.0 to 13.0) "
    const char* less;
    const char* multiple;  // "2.5 times as ... "
    const char* alike;
};

constexpr Words kThroughput = {"more requests per second", "fewer requests per second",
                               "times the requests per second", "requests per second cannot be told apart"};
constexpr Words kLatency = {"longer until an answer is there", "less time until an answer is there",
                            "times as long until an answer is there", "latency cannot be told apart"};
constexpr Words kCpu = {"more CPU per request", "less CPU per request", "times the CPU per request",
                        "CPU per request cannot be told apart"};

std::string changeText(const Estimate& ratio, const Words& words) {
    if (ratio.value >= kMultiple)
        return figure(ratio.value) + " " + words.multiple + " (" + figure(ratio.low) + " to " +
               figure(ratio.high) + ")";
    if (ratio.value >= 1) return change(ratio) + " " + words.more;
    const Estimate mirrored{2 - ratio.value, 2 - ratio.high, 2 - ratio.low, ratio.n};
    return change(mirrored) + " " + words.less;
}

std::string contrastText(const Contrast& contrast, const Words& words) {
    if (contrast.level == Level::Unknown) return {};
    return contrast.level == Level::Alike ? words.alike : changeText(contrast.ratio, words);
}

void addTo(std::string& list, const std::string& part) {
    if (!part.empty()) list += (list.empty() ? "" : ", ") + part;
}

/// Classes whose number of calls differs; counts have no chance in them.
std::string callsText(const CellSummary& now, const CellSummary& way) {
    using ledger::Class;
    constexpr double kOne = 0.5;  // less is the share of what a connection costs
    std::string list;
    for (const Class of : {Class::Backend, Class::File, Class::Event, Class::Spawn}) {
        const double before = now.calls[static_cast<size_t>(of)], after = way.calls[static_cast<size_t>(of)];
        if (std::abs(after - before) >= kOne)
            addTo(list, print("%s %.1f instead of %.1f", ledger::name(of), after, before));
    }
    return list.empty() ? list : "; calls of the server per request: " + list;
}

bool isAlike(const Contrast& contrast) { return contrast.level == Level::Alike; }

std::string sentenceOf(const WayResult& now, const WayResult& way) {
    std::string text;
    if (isAlike(way.throughput) && isAlike(way.p50) && way.cpu.level < Level::Better) {
        text = "cannot be told apart from the way of now";
    } else {
        addTo(text, contrastText(way.throughput, kThroughput));
        addTo(text, contrastText(way.p50, kLatency));
        addTo(text, contrastText(way.cpu, kCpu));
    }
    if (text.empty()) text = "not measured, too few trials count";
    return way.way.name + ": " + text + callsText(now.single, way.single) + ".";
}

bool isBetter(const WayResult& way) {
    const Level throughput = way.throughput.level, p50 = way.p50.level;
    return (throughput == Level::Better || p50 == Level::Better) && throughput != Level::Worse &&
           p50 != Level::Worse;
}

/// How much better, to choose among several.
double gainOf(const WayResult& way) {
    const double throughput = way.throughput.level == Level::Better ? way.throughput.ratio.value : 1;
    const double p50 = way.p50.level == Level::Better ? 1 / way.p50.ratio.value : 1;
    return throughput * p50;
}

std::string whatToDo(const SiteResult& result) {
    const WayResult& now = result.ways.front();
    const bool is_known = std::any_of(result.ways.begin(), result.ways.end(), [](const WayResult& way) {
        return way.throughput.level != Level::Unknown || way.p50.level != Level::Unknown;
    });
    if (!is_known)
        return "Nothing can be advised: fewer than two trials of the way of now count. Try again with more "
               "--blocks, "
               "or when the machine has less to do.";
    const WayResult* best = bestOf(result);
    if (best == nullptr) return "Leave it as it is (" + now.way.what + "): no other way is surely better.";
    std::string gains;
    if (best->throughput.level == Level::Better) addTo(gains, changeText(best->throughput.ratio, kThroughput));
    if (best->p50.level == Level::Better) addTo(gains, changeText(best->p50.ratio, kLatency));
    return "Run it by " + best->way.what + " instead of " + now.way.what + ": " + gains + ". --show-config " +
           best->way.name + " prints the config.";
}

std::string sureness(const SiteResult& result) {
    if (!result.same_throughput.isKnown() || !result.same_p50.isKnown() || !result.same_cpu.isKnown()) return {};
    auto percent = [](const Estimate& same) { return print("%.1f %%", 100 * Resolution::leastGain(same)); };
    return print("Ranges are 95 %% intervals over %u blocks. ", result.blocks) +
           "The site against itself shows what cannot be seen: less than " + percent(result.same_throughput) +
           " of requests per second, " + percent(result.same_p50) + " of latency, " + percent(result.same_cpu) +
           " of CPU.";
}

std::string disturbance(const SiteResult& result) {
    unsigned disturbed = 0, trials = 0;
    for (const WayResult& way : result.ways) {
        disturbed += way.disturbed;
        trials += way.single.trials + way.saturation.trials;
    }
    if (disturbed == 0) return {};
    return print(
        "In %u of %u trials other processes took more than %.0f %% of the machine, which makes ranges wide.",
        disturbed, trials, 100 * kMostForeign);
}

std::string external(const SiteResult& result) {
    const bool is_external = std::any_of(result.ways.begin(), result.ways.end(),
                                         [](const WayResult& way) { return way.way.is_external; });
    return is_external
               ? "A backend that Turnpike does not start has answered the load beside its other requests, and "
                 "its CPU is not known."
               : "";
}

}  // namespace

const WayResult* bestOf(const SiteResult& result) {
    const WayResult* best = nullptr;
    for (const WayResult& way : result.ways)
        if (isBetter(way) && (best == nullptr || gainOf(way) > gainOf(*best))) best = &way;
    return best;
}

std::vector<std::string> adviceOf(const SiteResult& result) {
    std::vector<std::string> sentences = {whatToDo(result)};
    for (const WayResult& way : result.ways)
        if (!way.way.is_now) sentences.push_back(sentenceOf(result.ways.front(), way));
    for (std::string& note : std::vector<std::string>{sureness(result), disturbance(result), external(result)})
        if (!note.empty()) sentences.push_back(std::move(note));
    return sentences;
}

}  // namespace turnpike::measure
