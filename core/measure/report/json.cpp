// The analysis as JSON; see docs/measuring-formats.md.
#include "measure/analysis/json.h"
#include "measure/report/json_values.h"
#include "measure/report/report.h"

namespace turnpike::measure::report {
namespace {

constexpr int kFormat = 1;

Object::Ptr object(const CellSummary& cell) {
    Object::Ptr to = report::object(cell.cell);
    to->set("unit", cell.unit);
    to->set("trials", cell.trials);
    to->set("rejected", cell.rejected);
    to->set("per_second", measure::json(cell.per_second));
    to->set("p50_us", measure::json(cell.p50_us));
    to->set("p99_us", measure::json(cell.p99_us));
    to->set("mean_us", measure::json(cell.mean_us));
    to->set("cpu_us", measure::json(cell.cpu_us));
    to->set("engine_us", measure::json(cell.engine_us));
    to->set("backend_us", measure::json(cell.backend_us));
    to->set("database_us", measure::json(cell.database_us));
    const bool is_counted = cell.trials != 0;
    to->set("calls", is_counted ? Var(byClass(cell.calls)) : Var());
    to->set("calls_mode", is_counted ? Var(byClass(cell.calls_mode)) : Var());
    to->set("bytes", is_counted ? Var(cell.bytes) : Var());
    if (!cell.split.is_known) {
        to->set("split_us", Var());
        return to;
    }
    Object::Ptr split = jsonObject();
    split->set("trap", cell.split.trap);
    split->set("copy", cell.split.copy);
    split->set("wake", cell.split.wake);
    split->set("kernel_work", cell.split.kernel_work);
    split->set("user", cell.split.user);
    to->set("split_us", split);
    return to;
}

Object::Ptr object(const Effect& effect) {
    Object::Ptr to = jsonObject();
    to->set("experiment", effect.experiment);
    to->set("factor", effect.factor);
    to->set("from", effect.from);
    to->set("to", effect.to);
    to->set("a", effect.a);
    to->set("b", effect.b);
    to->set("metric", effect.metric);
    to->set("load", std::string(name(effect.load)));
    to->set("ratio", measure::json(effect.ratio));
    to->set("detectable", effect.is_detectable);
    return to;
}

Object::Ptr object(const Line& line) {
    Object::Ptr to = jsonObject();
    to->set("experiment", line.experiment);
    to->set("factor", line.factor);
    to->set("metric", line.metric);
    to->set("group", line.group);
    to->set("load", std::string(name(line.load)));
    to->set("cells", jsonArray(line.cells, [](const std::string& cell) { return Var(cell); }));
    to->set("x", jsonArray(line.x, [](double x) { return Var(x); }));
    to->set("y", jsonArray(line.y, [](const Estimate& y) { return measure::json(y); }));
    to->set("slope", measure::json(line.slope));
    to->set("intercept", measure::json(line.intercept));
    to->set("r_squared", number(line.r_squared));
    return to;
}

Object::Ptr object(const Thresholds& thresholds) {
    Object::Ptr to = jsonObject();
    to->set("supported", thresholds.supported);
    to->set("refuted", thresholds.refuted);
    return to;
}

}  // namespace

std::string json(const Analysis& analysis) {
    auto objects = [](const auto& items) {
        return jsonArray(items, [](const auto& item) { return object(item); });
    };
    auto jsons = [](const auto& items) {
        return jsonArray(items, [](const auto& item) { return measure::json(item); });
    };
    Object::Ptr to = jsonObject();
    to->set("format", "turnpike-report");
    to->set("format_version", kFormat);
    to->set("run", report::object(analysis.run));
    to->set("thresholds", object(analysis.thresholds));
    to->set("verdicts", jsons(analysis.verdicts));
    to->set("checks", jsons(analysis.checks));
    to->set("same", measure::json(analysis.same));
    to->set("detectable", analysis.detectable);
    to->set("pollution", analysis.pollution ? Var(*analysis.pollution) : Var());
    to->set("cells", objects(analysis.cells));
    to->set("effects", objects(analysis.effects));
    to->set("lines", objects(analysis.lines));
    to->set("bounds", jsons(analysis.bounds));
    return indented(*to);
}

}  // namespace turnpike::measure::report
