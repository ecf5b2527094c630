#include "sample.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace turnpike::measure {
namespace {

using Factors = std::vector<std::pair<std::string, std::string>>;  // in the order of the key
using Values = std::vector<std::string>;

/// What a request of a cell costs in the model.
struct Cost {
    double engine = 18, backend = 0, database = 0, latency = 45;  // microseconds
    double client = 2, backend_calls = 0, file = 2, event = 1, listen = 0;
    double client_bytes = 700, backend_bytes = 0, file_bytes = 0;
    double connections = 1;
};

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

double numberIn(const Cell& cell, const char* factor) {
    auto found = cell.factors.find(factor);
    return found == cell.factors.end() ? 0 : std::stod(found->second);
}
bool is(const Cell& cell, const char* factor, const char* value) {
    auto found = cell.factors.find(factor);
    return found != cell.factors.end() && found->second == value;
}

Cost staticCost(const Cell& cell) {
    Cost cost;
    const double size = numberIn(cell, "size");
    cost.engine += size / 1024 * (is(cell, "send", "read") ? 0.09 : 0.05);
    cost.client_bytes += size;
    if (is(cell, "send", "read")) cost.file_bytes = size;
    if (is(cell, "send", "memory")) cost.file = 0;
    if (is(cell, "connection", "close")) {
        cost.engine += 14;
        cost.latency += 40;
        cost.listen = 1;
    }
    return cost;
}

Cost filterCost(const Cell& cell) {
    Cost cost;
    cost.connections = 1;
    const bool defers = is(cell, "filter", "defer_accept");
    if (is(cell, "client", "abandoned")) {
        cost.engine = defers ? 0.9 : 11;
        cost.event = defers ? 0.05 : 2;
        cost.listen = defers ? 0.05 : 1;
    } else {
        cost.engine = (is(cell, "client", "slow") ? 60 : 30) - (defers ? 2.5 : 0);
        cost.event = is(cell, "client", "slow") ? 20 : defers ? 1 : 2;
        cost.listen = 1;
    }
    return cost;
}

Cost hopCost(const Cell& cell) {
    Cost cost;
    const double kib = numberIn(cell, "body") / 1024;
    cost.client_bytes += kib * 1024;
    cost.engine += kib * 0.12;
    if (is(cell, "backend", "in-process")) return cost;
    const double hop = is(cell, "transport", "tcp") ? 19 : 11;
    cost.backend = (is(cell, "backend", "php-fpm") ? 90 : 14) + hop * 0.4 + kib * 0.2;
    cost.engine += hop + (is(cell, "connection", "new") ? hop * 1.5 : 0);
    cost.backend_calls = is(cell, "connection", "new") ? 5 : 3;
    cost.backend_bytes = kib * 1024 + 900;
    cost.latency = 45 + cost.backend + hop * 1.8 + (is(cell, "connection", "new") ? hop * 2 : 0) + kib * 0.5;
    return cost;
}

Cost queryCost(const Cell& cell) {
    Cost cost = hopCost(cell);
    const double queries = numberIn(cell, "queries");
    const bool is_server = !is(cell, "database", "sqlite"), is_tcp = is(cell, "database", "mariadb-tcp");
    const double each = (is_server ? (is_tcp ? 34 : 24) : 6) + (is(cell, "statement", "prepared") ? 3 : 0);
    const double connect = is(cell, "connection", "per-request") ? (is_server ? (is_tcp ? 190 : 140) : 35) : 0;
    cost.backend = 130 + (connect + queries * each) * 0.45;
    cost.database = is_server ? (connect + queries * each) * 0.5 + 0.1 : 0;
    cost.latency = 190 + connect + queries * each * 1.3;
    return cost;
}

Cost mixCost(const Cell& cell) {
    const double share = numberIn(cell, "dynamic") / 100;
    Cost cost;
    cost.backend = share * (is(cell, "page", "php-db") ? 420 : 110);
    cost.database = is(cell, "page", "php-db") ? share * 260 : 0;
    cost.engine += share * 14;
    cost.backend_calls = 3 * share;
    cost.backend_bytes = 3000 * share;
    cost.latency = 45 + share * 300;
    return cost;
}

Cost costOf(const Cell& cell) {
    if (cell.experiment == "E1") return staticCost(cell);
    if (cell.experiment == "E3") return filterCost(cell);
    if (cell.experiment == "E5") return hopCost(cell);
    if (cell.experiment == "E7") return queryCost(cell);
    if (cell.experiment == "E9") return mixCost(cell);
    Cost cost;
    if (cell.experiment == "E4" && !is(cell, "program", "in-process")) {
        cost.backend = is(cell, "program", "php-cgi") ? 6200 : is(cell, "program", "c-static") ? 430 : 560;
        cost.latency = cost.backend + 120;
        cost.backend_calls = 6;
    }
    if (is(cell, "probe", "inject")) {
        cost.engine += numberIn(cell, "calls") * 0.131;
        cost.latency += numberIn(cell, "calls") * 0.131;
        cost.file += numberIn(cell, "calls");
    }
    if (is(cell, "ledger", "on")) cost.engine *= 1.006;
    return cost;
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
