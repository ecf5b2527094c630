// Whole runs, for other programs.
#include <map>
#include <set>

#include "measure/analysis/analysis.h"
#include "measure/analysis/json.h"
#include "measure/analysis/readable.h"
#include "measure/analysis/text.h"
#include "measure/report/csv.h"
#include "measure/report/json_values.h"
#include "measure/report/runs.h"

namespace turnpike::measure::report {
namespace {

constexpr int kFormat = 1;

Var whole(uint64_t value) { return Var(static_cast<Poco::UInt64>(value)); }
Var whole(const std::optional<uint64_t>& value) { return value ? whole(*value) : Var(); }

/// Counts with the largest value that each can be of.
Array::Ptr bucketsOf(const Histogram& histogram) {
    return jsonArray(histogram.content().buckets, [](const Histogram::Bucket& bucket) {
        Array::Ptr pair = new Array;
        pair->add(whole(Histogram::endOf(bucket.index)));
        pair->add(whole(bucket.count));
        return Var(pair);
    });
}

Object::Ptr latencyOf(const Histogram& histogram) {
    Object::Ptr to = jsonObject();
    to->set("count", whole(histogram.count()));
    to->set("mean", histogram.mean());
    to->set("smallest", whole(histogram.smallest()));
    to->set("largest", whole(histogram.largest()));
    for (double percent : {50.0, 90.0, 99.0, 99.9})
        to->set("p" + print("%g", percent), whole(histogram.percentile(percent)));
    to->set("buckets", bucketsOf(histogram));
    return to;
}

Object::Ptr crossingsOf(const ledger::Account& account) {
    Object::Ptr to = jsonObject();
    for (size_t i = 0; i < ledger::kClasses; ++i) {
        const tp_crossing& paid = account.of[i];
        Object::Ptr of = jsonObject();
        of->set("calls", whole(uint64_t{paid.calls}));
        of->set("errors", whole(uint64_t{paid.errors}));
        of->set("bytes", whole(uint64_t{paid.bytes}));
        to->set(ledger::name(static_cast<ledger::Class>(i)), of);
    }
    return to;
}

Object::Ptr trialObject(const Trial& trial) {
    Object::Ptr to = jsonObject();
    to->set("id", static_cast<Poco::Int64>(trial.id));
    to->set("cell", trial.cell);
    to->set("block", trial.block);
    to->set("position", trial.position);
    to->set("started_unix_ms", static_cast<Poco::Int64>(trial.started_unix_ms));
    to->set("requests", whole(trial.requests));
    to->set("elapsed_ns", whole(trial.elapsed_ns));
    to->set("latency_ns", latencyOf(trial.latency_ns));
    to->set("crossings", crossingsOf(trial.crossings));
    to->set("event_milli", whole(uint64_t{trial.crossings.event_milli}));
    to->set("engine_ns", whole(trial.engine_ns));
    to->set("generator_ns", whole(trial.generator_ns));
    to->set("backend_ns", whole(trial.backend_ns));
    to->set("database_ns", whole(trial.database_ns));
    to->set("received", whole(trial.received));
    to->set("steal_share", trial.steal_share);
    to->set("foreign_share", trial.foreign_share);
    Object::Ptr extra = jsonObject();
    for (const auto& [name, value] : trial.extra) extra->set(name, number(value));
    to->set("extra", extra);
    to->set("rejected",
            jsonArray(trial.rejected, [](const std::string& reason) { return Var(readable(reason)); }));
    return to;
}

using Names = std::set<std::string>;

void addHeads(Csv& to, const Names& factors, const Names& extras) {
    to.begin();
    for (const char* head : {"trial", "cell", "experiment", "config", "load"}) to.add(std::string(head));
    for (const std::string& factor : factors) to.add("factor." + factor);
    for (const char* head :
         {"block", "position", "started_unix_ms", "requests", "elapsed_ns", "latency_ns.mean", "latency_ns.p50",
          "latency_ns.p90", "latency_ns.p99", "latency_ns.p99.9", "latency_ns.largest", "engine_ns",
          "generator_ns", "backend_ns", "database_ns", "received", "event_milli", "steal_share", "foreign_share"})
        to.add(std::string(head));
    for (size_t i = 0; i < ledger::kClasses; ++i)
        for (const char* what : {"calls.", "errors.", "bytes."})
            to.add(std::string(what) + ledger::name(static_cast<ledger::Class>(i)));
    for (const std::string& extra : extras) to.add("extra." + extra);
    to.add("rejected");
}

void addNumbers(Csv& to, const Trial& trial) {
    for (uint64_t value : {uint64_t{trial.block}, uint64_t{trial.position},
                           static_cast<uint64_t>(trial.started_unix_ms), trial.requests, trial.elapsed_ns})
        to.addWhole(value);
    const Histogram& latency = trial.latency_ns;
    to.add(latency.mean());
    for (double percent : {50.0, 90.0, 99.0, 99.9}) to.addWhole(latency.percentile(percent));
    for (uint64_t value : {latency.largest(), trial.engine_ns, trial.generator_ns}) to.addWhole(value);
    to.addWhole(trial.backend_ns);
    to.addWhole(trial.database_ns);
    to.addWhole(trial.received);
    to.addWhole(uint64_t{trial.crossings.event_milli});
    to.add(trial.steal_share);
    to.add(trial.foreign_share);
    for (const tp_crossing& paid : trial.crossings.of)
        for (uint64_t value : {paid.calls, paid.errors, paid.bytes}) to.addWhole(value);
}

void addTrial(Csv& to, const Trial& trial, const Cell& cell, const Names& factors, const Names& extras) {
    to.begin();
    to.addWhole(static_cast<uint64_t>(trial.id));
    for (const std::string& text :
         {trial.cell, cell.experiment, cell.config, std::string(measure::name(cell.load))})
        to.add(text);
    for (const std::string& factor : factors) to.add(factorOf(cell, factor.c_str()));
    addNumbers(to, trial);
    for (const std::string& extra : extras) {
        auto found = trial.extra.find(extra);
        found == trial.extra.end() ? to.add(std::string()) : to.add(found->second);
    }
    std::string reasons;
    for (const std::string& reason : trial.rejected) reasons += (reasons.empty() ? "" : "; ") + reason;
    to.add(reasons);
}

}  // namespace

std::string exportJson(const Run& run, const std::vector<Cell>& cells, const std::vector<Trial>& trials) {
    Object::Ptr to = jsonObject();
    to->set("format", "turnpike-run");
    to->set("format_version", kFormat);
    to->set("run", object(run));
    to->set("cells", jsonArray(cells, [](const Cell& cell) { return Var(object(cell)); }));
    to->set("trials", jsonArray(trials, [](const Trial& trial) { return Var(trialObject(trial)); }));
    return indented(*to);
}

std::string exportCsv(const std::vector<Cell>& cells, const std::vector<Trial>& trials) {
    Names factors, extras;
    std::map<std::string, const Cell*> by_key;
    for (const Cell& cell : cells) {
        by_key[cell.key] = &cell;
        for (const auto& [factor, value] : cell.factors) factors.insert(factor);
    }
    for (const Trial& trial : trials)
        for (const auto& [extra, value] : trial.extra) extras.insert(extra);
    Csv to;
    addHeads(to, factors, extras);
    for (const Trial& trial : trials) addTrial(to, trial, *by_key.at(trial.cell), factors, extras);
    return to.text() + "\n";
}

}  // namespace turnpike::measure::report
