#include "measure/report/json_values.h"

#include <cmath>

#include "measure/analysis/analysis.h"
#include "measure/analysis/json.h"
#include "measure/analysis/readable.h"

namespace turnpike::measure::report {
namespace {

Object::Ptr object(const Constant& constant) {
    Object::Ptr to = jsonObject();
    to->set("name", constant.name);
    to->set("unit", constant.unit);
    to->set("median", constant.median);
    to->set("low", constant.low);
    to->set("high", constant.high);
    to->set("least", constant.least);
    to->set("batches", constant.batches);
    return to;
}

Object::Ptr object(const Fact& fact) {
    Object::Ptr to = jsonObject();
    to->set("name", fact.name);
    to->set("value", readable(fact.value));
    return to;
}

}  // namespace

Var number(double value) { return std::isfinite(value) ? Var(value) : Var(); }

Object::Ptr byClass(const std::array<double, ledger::kClasses>& calls) {
    Object::Ptr to = jsonObject();
    for (size_t i = 0; i < calls.size(); ++i) to->set(ledger::name(static_cast<ledger::Class>(i)), calls[i]);
    return to;
}

Object::Ptr object(const Run& run) {
    Object::Ptr to = jsonObject();
    to->set("id", static_cast<Poco::Int64>(run.id));
    to->set("name", readable(run.name));
    to->set("command", readable(run.command));
    to->set("version", run.version);
    to->set("seed", std::to_string(run.seed));  // 64 bits do not fit the numbers of every reader
    to->set("blocks", run.blocks);
    to->set("started_unix_ms", static_cast<Poco::Int64>(run.started_unix_ms));
    to->set("ended_unix_ms", run.ended_unix_ms == 0 ? Var() : Var(static_cast<Poco::Int64>(run.ended_unix_ms)));
    auto objects = [](const auto& items) {
        return jsonArray(items, [](const auto& item) { return object(item); });
    };
    to->set("fingerprint", objects(run.fingerprint));
    to->set("constants", objects(run.constants));
    return to;
}

Object::Ptr object(const Cell& cell) {
    Object::Ptr to = jsonObject();
    to->set("key", cell.key);
    to->set("experiment", cell.experiment);
    to->set("config", cell.config);
    to->set("load", std::string(name(cell.load)));
    Object::Ptr factors = jsonObject();
    for (const auto& [name, value] : cell.factors) factors->set(name, value);
    to->set("factors", factors);
    return to;
}

}  // namespace turnpike::measure::report
