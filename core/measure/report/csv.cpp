#include "measure/report/csv.h"

#include <cmath>
#include <set>

#include "measure/analysis/readable.h"
#include "measure/analysis/text.h"
#include "measure/report/report.h"

namespace turnpike::measure::report {
namespace {

std::set<std::string> factorsOf(const Analysis& analysis) {
    std::set<std::string> factors;
    for (const CellSummary& cell : analysis.cells)
        for (const auto& [name, value] : cell.cell.factors) factors.insert(name);
    return factors;
}

void addHeads(Csv& to, const std::set<std::string>& factors) {
    to.begin();
    for (const char* head : {"cell", "experiment", "config", "load"}) to.add(std::string(head));
    for (const std::string& factor : factors) to.add("factor." + factor);
    for (const char* head : {"unit", "trials", "rejected"}) to.add(std::string(head));
    for (const char* head :
         {"per_second", "p50_us", "p99_us", "mean_us", "cpu_us", "engine_us", "backend_us", "database_us"})
        for (const char* end : {"", "_low", "_high"}) to.add(std::string(head) + end);
    for (size_t i = 0; i < ledger::kClasses; ++i)
        to.add(std::string("calls.") + ledger::name(static_cast<ledger::Class>(i)));
    to.add("bytes");
    for (const char* part : {"trap", "copy", "wake", "kernel_work", "user"})
        to.add(std::string("split_us.") + part);
}

void addCell(Csv& to, const CellSummary& cell, const std::set<std::string>& factors) {
    to.begin();
    for (const std::string& text : {cell.cell.key, cell.cell.experiment, cell.cell.config}) to.add(text);
    to.add(std::string(name(cell.cell.load)));
    for (const std::string& factor : factors) to.add(factorOf(cell.cell, factor.c_str()));
    to.add(cell.unit);
    to.addWhole(cell.trials);
    to.addWhole(cell.rejected);
    for (const Estimate& estimate : {cell.per_second, cell.p50_us, cell.p99_us, cell.mean_us, cell.cpu_us,
                                     cell.engine_us, cell.backend_us, cell.database_us})
        to.add(estimate);
    const double unknown = std::nan("");
    for (double calls : cell.calls) to.add(cell.trials == 0 ? unknown : calls);
    to.add(cell.trials == 0 ? unknown : cell.bytes);
    const Split& split = cell.split;
    for (double part : {split.trap, split.copy, split.wake, split.kernel_work, split.user})
        split.is_known ? to.add(part) : to.add(std::string());
}

}  // namespace

void Csv::begin() {
    if (!text_.empty()) text_ += "\n";
    is_first_ = true;
}

void Csv::field(const std::string& ready) {
    if (!is_first_) text_ += ",";
    text_ += ready;
    is_first_ = false;
}

void Csv::add(const std::string& text) {
    std::string safe = readable(text);
    if (!safe.empty() && std::string("=+-@").find(safe.front()) != std::string::npos) safe.insert(0, "'");
    if (safe.find_first_of(",\"\n\r") == std::string::npos) return field(safe);
    std::string quoted = "\"";
    for (char c : safe) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    field(quoted + "\"");
}

void Csv::add(double value) { field(std::isfinite(value) ? print("%.9g", value) : ""); }
void Csv::addWhole(uint64_t value) { field(std::to_string(value)); }
void Csv::addWhole(const std::optional<uint64_t>& value) { field(value ? std::to_string(*value) : ""); }

void Csv::add(const Estimate& estimate) {
    for (double value : {estimate.value, estimate.low, estimate.high}) estimate.isKnown() ? add(value) : field("");
}

std::string csv(const Analysis& analysis) {
    const std::set<std::string> factors = factorsOf(analysis);
    Csv to;
    addHeads(to, factors);
    for (const CellSummary& cell : analysis.cells) addCell(to, cell, factors);
    return to.text() + "\n";
}

}  // namespace turnpike::measure::report
