#include "measure/calibrate/probe.h"

#include <algorithm>
#include <numeric>

#include "measure/stats/random.h"

namespace turnpike::measure {
namespace {

struct Turn {
    const Probe* probe;
    uint64_t repeats;
    std::vector<double> batches;
    std::string failure;
};

Constant constantOf(const Turn& turn) {
    const std::vector<double>& values = turn.batches;
    Constant to;
    to.name = turn.probe->name;
    to.unit = turn.probe->unit;
    to.median = median(values);
    to.low = quantile(values, 0.25);
    to.high = quantile(values, 0.75);
    to.least = *std::min_element(values.begin(), values.end());
    to.batches = static_cast<unsigned>(values.size());
    return to;
}

void runBatch(Turn& turn) {
    if (!turn.failure.empty()) return;
    Result<double> value = turn.probe->batch(turn.repeats);
    if (value)
        turn.batches.push_back(*value);
    else
        turn.failure = value.error().text;
}

}  // namespace

Result<uint64_t> repeatsFor(const Probe& probe, uint64_t batch_ns) {
    constexpr uint64_t kMost = 1 << 20;
    if (Result<double> cold = probe.batch(1); !cold) return cold.error();
    for (uint64_t repeats = 1;; repeats *= 2) {
        const uint64_t begin = monotonicNs();
        Result<double> value = probe.batch(repeats);
        if (!value) return value.error();
        const uint64_t took = std::max<uint64_t>(monotonicNs() - begin, 1);
        if (took < batch_ns / 2 && repeats < kMost) continue;
        return std::clamp<uint64_t>(repeats * batch_ns / took, 1, kMost);
    }
}

std::vector<Constant> takeTurns(Probes& probes, const CalibrationOptions& options) {
    std::vector<Turn> turns;
    for (const Probe& probe : probes.ready) {
        Result<uint64_t> repeats = repeatsFor(probe, options.batch_ns);
        turns.push_back({&probe, repeats ? *repeats : 0, {}, repeats ? "" : repeats.error().text});
    }
    Random random(options.seed);
    std::vector<size_t> order(turns.size());
    std::iota(order.begin(), order.end(), size_t{0});
    for (unsigned round = 0; round < options.batches; ++round) {
        random.shuffle(order);
        for (size_t i : order) runBatch(turns[i]);
    }
    std::vector<Constant> constants;
    for (const Turn& turn : turns) {
        if (turn.failure.empty() && !turn.batches.empty())
            constants.push_back(constantOf(turn));
        else
            probes.leaveOut(turn.probe->name, turn.failure);
    }
    return constants;
}

}  // namespace turnpike::measure
