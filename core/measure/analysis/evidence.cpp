#include "measure/analysis/evidence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "measure/stats/summary.h"

namespace turnpike::measure {
namespace {

constexpr double kUsPerNs = 1e-3, kNsPerSecond = 1e9;

std::optional<double> perUnit(const std::optional<uint64_t>& ns, double units) {
    if (!ns) return std::nullopt;
    return static_cast<double>(*ns) * kUsPerNs / units;
}

double allCpu(const Trial& trial) {
    return static_cast<double>(trial.engine_ns + trial.backend_ns.value_or(0) + trial.database_ns.value_or(0));
}

std::optional<double> latency(const Trial& trial, Metric metric) {
    if (trial.latency_ns.count() == 0) return std::nullopt;
    if (metric == Metric::Mean) return trial.latency_ns.mean() * kUsPerNs;
    return static_cast<double>(trial.latency_ns.percentile(metric == Metric::P50 ? 50 : 99)) * kUsPerNs;
}

std::optional<double> valueOf(const Cell& cell, const Trial& trial, Metric metric) {
    double units = unitsOf(cell, trial);
    if (units <= 0 || trial.elapsed_ns == 0) return std::nullopt;
    switch (metric) {
        case Metric::Cpu:
            return allCpu(trial) * kUsPerNs / units;
        case Metric::Engine:
            return perUnit(trial.engine_ns, units);
        case Metric::Backend:
            return perUnit(trial.backend_ns, units);
        case Metric::Database:
            return perUnit(trial.database_ns, units);
        case Metric::Throughput:
            return units * kNsPerSecond / static_cast<double>(trial.elapsed_ns);
        case Metric::P50:
        case Metric::P99:
        case Metric::Mean:
            return latency(trial, metric);
    }
    return std::nullopt;
}

bool has(const Cell& cell, const char* factor, const std::string& value) {
    auto found = cell.factors.find(factor);
    return found != cell.factors.end() && found->second == value;
}

}  // namespace

const char* name(Metric metric) {
    static constexpr const char* kNames[] = {"cpu", "engine", "backend", "database",
                                             "p50", "p99",    "mean",    "throughput"};
    return kNames[static_cast<size_t>(metric)];
}

std::optional<double> extraOf(const Cell& cell, const Trial& trial, const std::string& key) {
    auto found = trial.extra.find(key);
    double units = unitsOf(cell, trial);
    if (found == trial.extra.end() || units <= 0) return std::nullopt;
    return found->second / units;
}

double unitsOf(const Cell& cell, const Trial& trial) {
    auto connections = trial.extra.find("connections");
    if (cell.experiment == "E3" && connections != trial.extra.end()) return connections->second;
    return static_cast<double>(trial.requests);
}

Evidence::Evidence(const Run& run, const std::vector<Cell>& cells, const std::vector<Trial>& trials)
    : constants_(run.constants), seed_(run.seed) {
    std::map<std::string, size_t> place;
    for (const Cell& cell : cells) {
        place[cell.key] = cells_.size();
        cells_.push_back({&cell, {}, {}});
    }
    for (const Trial& trial : trials) {
        auto found = place.find(trial.cell);
        if (found == place.end()) continue;
        CellTrials& of = cells_[found->second];
        (trial.rejected.empty() ? of.counted : of.rejected).push_back(&trial);
    }
}

std::vector<const CellTrials*> Evidence::select(const std::string& experiment, Factors factors) const {
    std::vector<const CellTrials*> result;
    for (const CellTrials& candidate : cells_) {
        auto fits = [&](const auto& factor) { return has(*candidate.cell, factor.first, factor.second); };
        if (candidate.cell->experiment == experiment && std::all_of(factors.begin(), factors.end(), fits))
            result.push_back(&candidate);
    }
    return result;
}

const CellTrials* Evidence::find(const std::string& experiment, Factors factors, LoadKind load) const {
    for (const CellTrials* candidate : select(experiment, factors))
        if (candidate->cell->load == load) return candidate;
    return nullptr;
}

const CellTrials* Evidence::sibling(const Cell& like, Factors changed) const {
    std::map<std::string, std::string> wanted = like.factors;
    for (const auto& [factor, value] : changed) wanted[factor] = value;
    for (const CellTrials& candidate : cells_)
        if (candidate.cell->experiment == like.experiment && candidate.cell->load == like.load &&
            candidate.cell->factors == wanted)
            return &candidate;
    return nullptr;
}

Series Evidence::series(const CellTrials& cell,
                        const std::function<std::optional<double>(const Trial&)>& value) const {
    std::map<uint32_t, std::vector<double>> values;
    for (const Trial* trial : cell.counted)
        if (auto got = value(*trial)) values[trial->block].push_back(*got);
    Series result;
    for (const auto& [block, of] : values) result[block] = measure::mean(of);
    return result;
}

Series Evidence::series(const CellTrials& cell, Metric metric) const {
    return series(cell, [&](const Trial& trial) { return valueOf(*cell.cell, trial, metric); });
}

Estimate Evidence::mean(const CellTrials& cell, Metric metric) const {
    std::vector<double> values = align({series(cell, metric)})[0];
    return meanOverBlocks(draws(values.size()), values);
}

Estimate Evidence::ratio(const CellTrials& a, const CellTrials& b, Metric metric) const {
    return ratio(series(a, metric), series(b, metric));
}

Estimate Evidence::ratio(const Series& a, const Series& b) const {
    auto values = align({a, b});
    return pairedRatio(draws(values[0].size()), values[0], values[1]);
}

Estimate Evidence::combined(const std::vector<Series>& series, const Combine& combine) const {
    auto values = align(series);
    std::vector<double> means(values.size());
    return overBlocks(draws(values[0].size()), [&](std::span<const uint32_t> blocks) {
        for (size_t i = 0; i < values.size(); ++i) {
            means[i] = 0;
            for (uint32_t block : blocks) means[i] += values[i][block];
            means[i] /= static_cast<double>(blocks.size());
        }
        return combine(means);
    });
}

const Draws& Evidence::draws(size_t blocks) const {
    return draws_.try_emplace(blocks, blocks, seed_).first->second;
}

std::vector<std::vector<double>> align(const std::vector<Series>& series) {
    std::vector<std::vector<double>> result(series.size());
    for (const auto& [block, first] : series.at(0)) {
        auto has_block = [block = block](const Series& one) { return one.contains(block); };
        if (!std::all_of(series.begin(), series.end(), has_block)) continue;
        for (size_t i = 0; i < series.size(); ++i) result[i].push_back(series[i].at(block));
    }
    return result;
}

}  // namespace turnpike::measure
