// evidence.h - the trials of a run, put in order: by cell and block, with numbers per request and the intervals
// that blocks give. Everything in analysis/ asks this. It refers to the run, cells and trials it was made from,
// which must outlive it. One thread.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "measure/analysis/constants.h"
#include "measure/stats/bootstrap.h"
#include "measure/store/model.h"

namespace turnpike::measure {

enum class Metric : uint8_t { Cpu, Engine, Backend, Database, P50, P99, Mean, Throughput };
/// "cpu", "p50", "throughput"
const char* name(Metric metric);

struct CellTrials {
    const Cell* cell = nullptr;
    std::vector<const Trial*> counted;  // those not rejected
    std::vector<const Trial*> rejected;
};

/// How many requests a trial answered; in E3, how many connections it saw.
double unitsOf(const Cell& cell, const Trial& trial);
/// One of the figures that an experiment notes besides, per unit; absent when it did not.
std::optional<double> extraOf(const Cell& cell, const Trial& trial, const std::string& key);

/// One value for each block that has one; several trials of a block give their mean.
using Series = std::map<uint32_t, double>;
using Factors = std::initializer_list<std::pair<const char*, const char*>>;

class Evidence {
 public:
    Evidence(const Run& run, const std::vector<Cell>& cells, const std::vector<Trial>& trials);

    const std::vector<CellTrials>& cells() const { return cells_; }
    const Constants& constants() const { return constants_; }

    /// All cells of an experiment that have these factors, in the order of the matrix.
    std::vector<const CellTrials*> select(const std::string& experiment, Factors factors) const;
    /// The first of them under `load`; null when there is none.
    const CellTrials* find(const std::string& experiment, Factors factors, LoadKind load) const;
    /// The cell that has all factors of `like`, and its load, but for `changed`; null when there is none.
    const CellTrials* sibling(const Cell& like, Factors changed) const;

    /// In microseconds per unit, or units per second.
    Series series(const CellTrials& cell, Metric metric) const;
    Series series(const CellTrials& cell, const std::function<std::optional<double>(const Trial&)>& value) const;

    Estimate mean(const CellTrials& cell, Metric metric) const;
    /// b over a, block by block.
    Estimate ratio(const CellTrials& a, const CellTrials& b, Metric metric) const;
    Estimate ratio(const Series& a, const Series& b) const;
    /// Of `combine`, given the mean of each series over the blocks that all of them have; NaN: not known.
    using Combine = std::function<double(std::span<const double> means)>;
    Estimate combined(const std::vector<Series>& series, const Combine& combine) const;

    /// The same for the same number of blocks, so that estimates can be compared.
    const Draws& draws(size_t blocks) const;

 private:
    std::vector<CellTrials> cells_;
    Constants constants_;
    uint64_t seed_;
    mutable std::map<size_t, Draws> draws_;
};

/// The values of all series for the blocks that every one of them has: [series][block].
std::vector<std::vector<double>> align(const std::vector<Series>& series);

}  // namespace turnpike::measure
