// probe.h - something whose cost is measured again and again, and the rounds in which probes take turns.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "measure/calibrate/calibrate.h"
#include "measure/stats/summary.h"

namespace turnpike::measure {

struct Probe {
    std::string name;
    /// Does it `repeats` times and tells what once took, in `unit`.
    std::function<Result<double>(uint64_t repeats)> batch;
    std::string unit = "ns";
};

/// What can be measured here, and why the rest cannot.
struct Probes {
    std::vector<Probe> ready;
    std::vector<std::string> notes;

    void leaveOut(const std::string& names, const std::string& why) {
        notes.push_back(names + ": left out, " + why);
    }
};

/// Nanoseconds of one step on average; the first that says false is an error.
template <class Step>
Result<double> nsEach(uint64_t repeats, Step step) {
    const uint64_t begin = monotonicNs();
    for (uint64_t i = 0; i < repeats; ++i)
        if (!step()) return Error{EIO, "a step of the measurement failed"};
    return static_cast<double>(monotonicNs() - begin) / static_cast<double>(repeats);
}

/// The median of steps that are timed one by one, for those that other processes have a part in: whoever comes
/// between costs one of them much and the batch nothing. Each holds a clock read.
template <class Step>
Result<double> medianNs(uint64_t repeats, Step step) {
    std::vector<double> each;
    each.reserve(repeats);
    for (uint64_t i = 0; i < repeats; ++i) {
        auto one = nsEach(1, step);
        if (!one) return one;
        each.push_back(*one);
    }
    return median(std::move(each));
}

/// How often it fits into `batch_ns`, at least once. Warms everything up that it touches.
Result<uint64_t> repeatsFor(const Probe& probe, uint64_t batch_ns);

/// One batch of each probe in each round, in an order drawn anew each time. A probe that fails is left out with a
/// note.
std::vector<Constant> takeTurns(Probes& probes, const CalibrationOptions& options);

}  // namespace turnpike::measure
