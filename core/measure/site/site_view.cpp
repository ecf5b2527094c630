#include "measure/site/site_view.h"

#include <numeric>

#include "measure/analysis/json.h"
#include "measure/analysis/text.h"
#include "measure/site/advice.h"

namespace turnpike::measure {
namespace {

using ledger::Class;
using Poco::JSON::Object;

// What a page pays for itself; listening and logging are put together as "other".
constexpr Class kColumns[] = {Class::Client, Class::Backend, Class::File, Class::Event, Class::Spawn};

std::string number(const Estimate& estimate, int width, int digits, double unit = 1) {
    return estimate.isKnown() ? print(" %*.*f", width, digits, estimate.value / unit) : print(" %*s", width, "-");
}

double allCalls(const CellSummary& cell) { return std::accumulate(cell.calls.begin(), cell.calls.end(), 0.0); }

std::string heading(int width) {
    return print("%-*s %9s %17s %18s %41s\n", width, "", "saturated", "one client, ms", "CPU us/request",
                 "crossings per request") +
           print("%-*s %9s %8s %8s %9s %8s %6s %7s %5s %5s %5s %5s %6s\n", width, "way", "req/s", "p50", "p99",
                 "engine", "backend", "client", "backend", "file", "event", "spawn", "other", "all");
}

std::string lineOf(const WayResult& way, int width) {
    constexpr double kUsPerMs = 1000;
    const CellSummary& single = way.single;
    std::string text = print("%-*s", width, ((way.way.is_now ? "* " : "  ") + way.way.name).c_str());
    text += number(way.saturation.per_second, 9, 0) + number(single.p50_us, 8, 3, kUsPerMs) +
            number(single.p99_us, 8, 3, kUsPerMs) + number(single.engine_us, 9, 1) +
            number(single.backend_us, 8, 1);
    double shown = 0;
    for (const Class of : kColumns) {
        const double calls = single.calls[static_cast<size_t>(of)];
        shown += calls;
        text += print(" %*.1f", of == Class::Client ? 6 : of == Class::Backend ? 7 : 5, calls);
    }
    return text + print(" %5.1f %6.1f\n", allCalls(single) - shown, allCalls(single));
}

Object::Ptr json(const Contrast& contrast) {
    Object::Ptr object = jsonObject();
    object->set("ratio", json(contrast.ratio));
    object->set("level", name(contrast.level));
    return object;
}

Object::Ptr callsJson(const CellSummary& cell) {
    Object::Ptr object = jsonObject();
    for (size_t i = 0; i < ledger::kClasses; ++i) object->set(ledger::name(static_cast<Class>(i)), cell.calls[i]);
    return object;
}

Object::Ptr json(const WayResult& way) {
    Object::Ptr object = jsonObject();
    object->set("name", way.way.name);
    object->set("what", way.way.what);
    object->set("is_now", way.way.is_now);
    object->set("requests_per_second", json(way.saturation.per_second));
    object->set("p50_us", json(way.single.p50_us));
    object->set("p99_us", json(way.single.p99_us));
    object->set("engine_us_per_request", json(way.single.engine_us));
    object->set("backend_us_per_request", json(way.single.backend_us));
    object->set("crossings_per_request", callsJson(way.single));
    object->set("bytes_per_request", way.single.bytes);
    object->set("trials", way.single.trials + way.saturation.trials);
    object->set("rejected", way.single.rejected + way.saturation.rejected);
    object->set("disturbed", way.disturbed);
    if (way.way.is_now) return object;
    Object::Ptr against = jsonObject();
    against->set("requests_per_second", json(way.throughput));
    against->set("p50", json(way.p50));
    against->set("cpu", json(way.cpu));
    object->set("against_now", against);
    return object;
}

Object::Ptr json(const LeftOut& way) {
    Object::Ptr object = jsonObject();
    object->set("way", way.way);
    object->set("why", way.why);
    return object;
}

}  // namespace

std::string siteText(const SiteResult& result) {
    size_t longest = 3;
    for (const WayResult& way : result.ways) longest = std::max(longest, way.way.name.size());
    const int width = static_cast<int>(longest) + 2;
    std::string text = "http://" + result.host + result.target + " of site " + result.site +
                       ", load and servers on one machine; * is the way of now\n\n" + heading(width);
    for (const WayResult& way : result.ways) text += lineOf(way, width);
    for (const LeftOut& way : result.left_out) text += "  " + way.way + ": left out: " + way.why + "\n";
    text += "\n";
    for (const std::string& sentence : adviceOf(result)) text += sentence + "\n";
    return text;
}

std::string siteJson(const SiteResult& result) {
    Object::Ptr object = jsonObject();
    object->set("site", result.site);
    object->set("host", result.host);
    object->set("target", result.target);
    object->set("blocks", result.blocks);
    Object::Ptr same = jsonObject();
    same->set("requests_per_second", json(result.same_throughput));
    same->set("p50", json(result.same_p50));
    same->set("cpu", json(result.same_cpu));
    object->set("now_against_itself", same);
    object->set("ways", jsonArray(result.ways, [](const WayResult& way) { return json(way); }));
    object->set("left_out", jsonArray(result.left_out, [](const LeftOut& way) { return json(way); }));
    object->set("advice", jsonArray(adviceOf(result), [](const std::string& sentence) { return sentence; }));
    return indented(*object);
}

}  // namespace turnpike::measure
