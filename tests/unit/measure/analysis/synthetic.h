// synthetic.h - a run that exists only as numbers: what each cell costs is known, and trials add noise of a fixed
// seed. Blocks are slower or faster as a whole by 5 %, trials of one block differ by `noise`.
#pragma once
#include <cmath>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "../stats/draw_normal.h"
#include "measure/analysis/analysis.h"
#include "measure/analysis/comparison.h"

namespace turnpike::measure {

/// What one request of a cell costs.
struct Costs {
    double engine_us = 20;
    std::optional<double> backend_us, database_us;
    double latency_us = 60;
    std::map<ledger::Class, double> calls{{ledger::Class::Client, 2}, {ledger::Class::Event, 1}};
    double request_bytes = 80, response_bytes = 300;
    std::map<std::string, double> extra;  // per request
};

class Synthetic {
 public:
    double noise = 0.004;
    uint64_t requests = 1000;
    Measured data;

    explicit Synthetic(unsigned blocks = 10, uint64_t seed = 1) : blocks_(blocks), random_(seed) {
        data.run.id = 7;
        data.run.version = "0.1.0";
        data.run.seed = seed;
        data.run.blocks = blocks;
        data.run.fingerprint = {{"kernel", "Linux 6.1.0"}, {"cpu", "Paper 9000"}};
        for (unsigned block = 0; block < blocks; ++block) speed_.push_back(std::exp(0.05 * drawNormal(random_)));
        addConstants();
    }

    using Factors = std::map<std::string, std::string>;

    void add(const std::string& key, const Factors& factors, const Costs& costs) {
        Cell cell{key, key.substr(0, 2), "paper", factors, LoadKind::Single};
        if (key.ends_with("/saturation")) cell.load = LoadKind::Saturation;
        data.cells.push_back(cell);
        for (unsigned block = 0; block < blocks_; ++block) data.trials.push_back(trialOf(key, block, costs));
    }

    void addSame(const Costs& costs = {}) {
        for (const char* arm : {"1", "2"})
            add(std::string("E0/aa/") + arm + "/single", {{"probe", "aa"}, {"arm", arm}}, costs);
    }

    void setConstant(const std::string& name, double ns) {
        forget(name);
        data.run.constants.push_back({name, "ns", ns, ns * 0.98, ns * 1.02, ns * 0.95, 30});
    }
    void forget(const std::string& name) {
        std::erase_if(data.run.constants, [&](const Constant& constant) { return constant.name == name; });
    }

    Analysis analysed(const Thresholds& thresholds = {}) const {
        return analyse(data.run, data.cells, data.trials, thresholds);
    }

 private:
    void addConstants() {
        const std::map<std::string, double> prices{
            {"null_syscall", 120},     {"unix_write_read", 1400}, {"tcp_write_read", 7500},
            {"copy_per_kib_unix", 60}, {"copy_per_kib_tcp", 30},  {"wake_same_cpu", 2900},
            {"wake_cross_cpu", 12000}, {"connect_unix", 9000},    {"connect_tcp", 25000},
            {"spawn_dynamic", 480000}, {"spawn_static", 300000},  {"spawn_php_cgi", 9e6}};
        for (const auto& [name, ns] : prices) setConstant(name, ns);
    }

    uint64_t scaled(double us, double by) const {
        return static_cast<uint64_t>(std::llround(us * 1000 * by * static_cast<double>(requests)));
    }

    Trial trialOf(const std::string& key, unsigned block, const Costs& costs) {
        auto times = [&](double value) {
            return static_cast<uint64_t>(std::llround(value * static_cast<double>(requests)));
        };
        auto disturbed = [&] { return speed_[block] * std::exp(noise * drawNormal(random_)); };
        Trial trial;
        trial.cell = key;
        trial.block = block;
        trial.requests = requests;
        double cpu = disturbed(), time = disturbed();
        trial.engine_ns = scaled(costs.engine_us, cpu);
        if (costs.backend_us) trial.backend_ns = scaled(*costs.backend_us, cpu);
        if (costs.database_us) trial.database_ns = scaled(*costs.database_us, cpu);
        trial.elapsed_ns = scaled(costs.latency_us, time);
        for (int i = 0; i < 10; ++i) trial.latency_ns.add(trial.elapsed_ns / requests);
        for (const auto& [c, calls] : costs.calls) trial.crossings.of[static_cast<size_t>(c)].calls = times(calls);
        trial.received = times(costs.response_bytes);
        trial.crossings.of[static_cast<size_t>(ledger::Class::Client)].bytes =
            trial.received + times(costs.request_bytes);
        for (const auto& [name, each] : costs.extra) trial.extra[name] = each * static_cast<double>(requests);
        return trial;
    }

    unsigned blocks_;
    Random random_;
    std::vector<double> speed_;
};

inline const Check& checkOf(const Analysis& analysis, const std::string& id) {
    for (const Check& check : analysis.checks)
        if (check.id == id) return check;
    throw std::out_of_range(id);
}

}  // namespace turnpike::measure
