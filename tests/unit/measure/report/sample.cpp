#include "sample.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "sample_costs.h"

namespace turnpike::measure {
namespace {

using Factors = std::vector<std::pair<std::string, std::string>>;  // in the order of the key
using Values = std::vector<std::string>;

const std::vector<LoadKind> kBoth = {LoadKind::Single, LoadKind::Saturation};

void addCell(std::vector<Cell>& cells, const std::string& experiment, const Factors& factors, LoadKind load) {
    Cell cell;
    cell.experiment = experiment;
    cell.load = load;
    cell.key = experiment;
    for (const auto& [name, value] : factors) {
        cell.factors[name] = value;
        cell.key += "/" + value;
        cell.config += (cell.config.empty() ? "" : "-") + value;
    }
    cell.key += std::string("/") + name(load);
    cells.push_back(cell);
}

/// All combinations of the values.
void addAll(std::vector<Cell>& cells, const std::string& experiment,
            const std::vector<std::pair<std::string, Values>>& of, const std::vector<LoadKind>& loads,
            Factors chosen = {}) {
    if (chosen.size() < of.size()) {
        const auto& [name, values] = of[chosen.size()];
        for (const std::string& value : values) {
            Factors more = chosen;
            more.emplace_back(name, value);
            addAll(cells, experiment, of, loads, more);
        }
        return;
    }
    for (LoadKind load : loads) addCell(cells, experiment, chosen, load);
}

std::vector<Cell> allCells() {
    std::vector<Cell> cells;
    addAll(cells, "E0", {{"probe", {"aa"}}, {"arm", {"1", "2"}}}, kBoth);
    addAll(cells, "E0", {{"probe", {"inject"}}, {"calls", {"0", "50", "200", "1000"}}}, kBoth);
    addAll(cells, "E0", {{"probe", {"ledger"}}, {"ledger", {"on", "off"}}}, kBoth);
    addAll(cells, "E1",
           {{"size", {"512", "4096", "65536", "1048576"}},
            {"send", {"sendfile", "read", "memory"}},
            {"connection", {"kept", "close"}}},
           kBoth);
    addAll(cells, "E3",
           {{"filter", {"none", "defer_accept"}}, {"client", {"fast", "split", "slow", "abandoned", "garbage"}}},
           {LoadKind::Single});
    addAll(cells, "E4", {{"program", {"c-static", "c-dynamic", "php-cgi", "in-process"}}}, kBoth);
    const Values bodies = {"512", "16384", "262144"};
    addAll(cells, "E5",
           {{"backend", {"responder", "php-fpm"}},
            {"transport", {"unix", "tcp"}},
            {"connection", {"kept", "new"}},
            {"body", bodies}},
           {LoadKind::Single});
    addAll(cells, "E5",
           {{"backend", {"in-process"}}, {"transport", {"none"}}, {"connection", {"none"}}, {"body", bodies}},
           {LoadKind::Single});
    addAll(cells, "E6", {{"php", {"inline", "pool", "fpm-unix", "fpm-tcp", "cgi"}}, {"body", {"1024", "65536"}}},
           kBoth);
    addAll(cells, "E7",
           {{"database", {"sqlite", "mariadb-unix", "mariadb-tcp"}},
            {"connection", {"persistent", "per-request"}},
            {"statement", {"text", "prepared"}},
            {"queries", {"0", "1", "5", "20", "50"}}},
           {LoadKind::Single});
    addAll(cells, "E9", {{"dynamic", {"0", "10", "30", "50", "70", "90", "100"}}, {"page", {"php", "php-db"}}},
           {LoadKind::Saturation});
    return cells;
}

class Model {
 public:
    Trial trial(const Cell& cell, uint32_t block, double weather) {
        const Cost cost = costOf(cell);
        const double noise = weather * std::exp(normal_(random_) * 0.008);
        Trial trial;
        trial.cell = cell.key;
        trial.block = block;
        trial.started_unix_ms = 1'760'000'000'000 + block * 20'000;
        trial.requests = 400;
        trial.latency_ns = latency(cost.latency * noise, trial.requests);
        const auto n = static_cast<double>(trial.requests);
        const double connections = cell.load == LoadKind::Saturation ? 8 : 1;
        trial.elapsed_ns = static_cast<uint64_t>(trial.latency_ns.mean() * n / connections);
        auto total = [&](double each) { return static_cast<uint64_t>(each * n); };
        trial.engine_ns = total(cost.engine * noise * 1e3);
        trial.generator_ns = total(9e3);
        if (cost.backend > 0) trial.backend_ns = total(cost.backend * noise * 1e3);
        if (cost.database > 0) trial.database_ns = total(cost.database * noise * 1e3);
        trial.received = total(cost.client_bytes);
        trial.crossings.of[0] = {total(cost.client), 0, trial.received + 74 * trial.requests};
        trial.crossings.of[1] = {total(cost.backend_calls), 0, total(cost.backend_bytes)};
        trial.crossings.of[2] = {total(cost.file), 0, total(cost.file_bytes)};
        trial.crossings.of[3] = {total(cost.event), 0, 0};
        trial.crossings.of[5] = {total(cost.listen), 0, 0};
        if (cell.experiment == "E3")
            trial.extra = {{"connections", n}, {"accepts", n * cost.listen}, {"wakeups", n * cost.event}};
        if (random_() % 97 == 0) trial.rejected = {"steal was 2.4 %, more than 1 %"};
        return trial;
    }
    double weather() { return std::exp(normal_(random_) * 0.02); }

 private:
    Histogram latency(double median_us, uint64_t requests) {
        Histogram histogram(uint64_t{1} << 30);
        for (uint64_t i = 0; i < requests; ++i) {
            double tail = random_() % 50 == 0 ? 1 + std::abs(normal_(random_)) * 2 : 1;
            histogram.add(static_cast<uint64_t>(median_us * 1e3 * std::exp(normal_(random_) * 0.09) * tail));
        }
        return *Histogram::restore(histogram.content());
    }

    std::mt19937_64 random_{11};
    std::normal_distribution<double> normal_;
};

Run runOf(unsigned blocks) {
    Run run;
    run.id = 12;
    run.name = "sample";
    run.command = "turnpike measure --all --blocks " + std::to_string(blocks) + " --seed 4711";
    run.version = "0.1.0";
    run.seed = 4711;
    run.blocks = blocks;
    run.started_unix_ms = 1'760'000'000'000;
    run.ended_unix_ms = 1'760'001'900'000;
    run.fingerprint = {{"kernel", "Linux 6.1.0-25-amd64"},
                       {"cpu", "AMD EPYC 7763 64-Core Processor (2 online)"},
                       {"hypervisor", "KVM"},
                       {"mitigations", "spectre_v2: Retpolines; meltdown: Not affected"},
                       {"clock source", "tsc"},
                       {"PHP", "8.2.29"},
                       {"MariaDB", "10.11.11"},
                       {"SQLite", "3.40.1"}};
    auto constant = [&](const char* name, const char* unit, double median) {
        run.constants.push_back({name, unit, median, median * 0.98, median * 1.03, median * 0.96, 30});
    };
    constant("null_syscall", "ns", 122);
    constant("tcp_write_read", "ns", 7500);
    constant("unix_write_read", "ns", 1360);
    constant("wake_same_cpu", "ns", 2900);
    constant("wake_cross_cpu", "ns", 12'000);
    constant("copy_per_kib_unix", "ns/KiB", 62);
    constant("copy_per_kib_tcp", "ns/KiB", 45);
    constant("connect_unix", "ns", 6400);
    constant("connect_tcp", "ns", 21'000);
    constant("spawn_static", "ns", 390'000);
    constant("spawn_dynamic", "ns", 510'000);
    constant("spawn_php_cgi", "ns", 5'900'000);
    return run;
}

}  // namespace

Sample makeSample(const std::vector<std::string>& experiments, unsigned blocks) {
    Sample sample;
    sample.run = runOf(blocks);
    for (const Cell& cell : allCells())
        if (experiments.empty() ||
            std::find(experiments.begin(), experiments.end(), cell.experiment) != experiments.end())
            sample.cells.push_back(cell);
    Model model;
    for (uint32_t block = 0; block < blocks; ++block) {
        const double weather = model.weather();
        for (const Cell& cell : sample.cells) sample.trials.push_back(model.trial(cell, block, weather));
    }
    sample.analysis = analyse(sample.run, sample.cells, sample.trials);
    return sample;
}

}  // namespace turnpike::measure
