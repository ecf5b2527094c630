#include "measure/analysis/json.h"
#include "measure/analysis/text.h"
#include "measure/analysis/view.h"

namespace turnpike::measure {
namespace {

using Poco::JSON::Object;

std::string nameOf(const Run& run) {
    return std::to_string(run.id) + (run.name.empty() ? "" : " \"" + run.name + "\"") + " (Turnpike " +
           run.version + ")";
}

std::string listed(const char* what, const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) text += print("%s %s\n", what, item.c_str());
    return text;
}

std::string countLine(const CountChange& change) {
    return print("  %-10s %s: %s calls per request %.2f -> %.2f\n",
                 change.is_regression ? "REGRESSION" : "changed", change.cell.c_str(),
                 ledger::name(change.crossings), change.before, change.after);
}

std::string timeLine(const TimeChange& time) {
    return print("  %-8s %-40s %-4s %.3f (%.3f to %.3f), over %s\n", time.looks_slower ? "slower?" : "",
                 time.cell.c_str(), time.metric.c_str(), time.ratio.value, time.ratio.low, time.ratio.high,
                 time.relative_to.c_str());
}

Object::Ptr toJson(const CountChange& change) {
    Object::Ptr object = jsonObject();
    object->set("cell", change.cell);
    object->set("class", ledger::name(change.crossings));
    object->set("before", change.before);
    object->set("after", change.after);
    object->set("regression", change.is_regression);
    return object;
}

Object::Ptr toJson(const TimeChange& time) {
    Object::Ptr object = jsonObject();
    object->set("cell", time.cell);
    object->set("metric", time.metric);
    object->set("relative_to", time.relative_to);
    object->set("ratio", json(time.ratio));
    object->set("looks_slower", time.looks_slower);
    return object;
}

}  // namespace

std::string comparisonText(const Comparison& comparison) {
    std::string text = "Run " + nameOf(comparison.before) + " -> run " + nameOf(comparison.after) + ": " +
                       std::to_string(comparison.cells) + " cells in both\n";
    text += listed("not the same machine:", comparison.machine);
    text += listed("only before:", comparison.only_before) + listed("only after:", comparison.only_after);
    text += "\nCrossings, exactly:\n";
    if (comparison.counts.empty()) text += "  no class of any cell has changed\n";
    for (const CountChange& change : comparison.counts) text += countLine(change);
    text +=
        "\nTimes, after over before. The runs were not interleaved: each figure was first divided by one of its "
        "own\n"
        "run. That is weaker than a paired ratio, and decides nothing.\n";
    for (const TimeChange& time : comparison.times) text += timeLine(time);
    if (comparison.times.empty()) text += "  none can be related: neither E0/aa nor null_syscall is in both\n";
    return text;
}

std::string comparisonJson(const Comparison& comparison) {
    Object::Ptr object = jsonObject();
    auto text = [](const std::string& item) { return item; };
    auto convert = [](const auto& item) { return toJson(item); };
    object->set("before", json(comparison.before));
    object->set("after", json(comparison.after));
    object->set("machine_differences", jsonArray(comparison.machine, text));
    object->set("cells", static_cast<Poco::UInt64>(comparison.cells));
    object->set("only_before", jsonArray(comparison.only_before, text));
    object->set("only_after", jsonArray(comparison.only_after, text));
    object->set("counts", jsonArray(comparison.counts, convert));
    object->set("times", jsonArray(comparison.times, convert));
    object->set("times_are_interleaved", false);
    object->set("regression", comparison.hasRegression());
    return indented(*object);
}

}  // namespace turnpike::measure
