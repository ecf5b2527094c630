#include "measure/load/load_report.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <cmath>
#include <sstream>

#include "base/print.h"

namespace turnpike::measure {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr double kShown[] = {50, 75, 90, 99};
constexpr double kInJson[] = {50, 75, 90, 95, 99, 99.9, 99.99};

std::string timeText(double ns) {
    constexpr double kMinute = 60e9;
    if (ns >= kMinute) return print("%.2fm", ns / kMinute);
    if (ns >= 1e9) return print("%.2fs", ns / 1e9);
    return ns >= 1e6 ? print("%.2fms", ns / 1e6) : print("%.2fus", ns / 1e3);
}

std::string bytesText(double bytes) {
    constexpr const char* kUnits[] = {"B", "KB", "MB", "GB", "TB"};
    size_t unit = 0;
    for (; bytes >= 1024 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1024;
    return print("%.2f%s", bytes, kUnits[unit]);
}

/// The share of values that lie within one standard deviation of the mean.
double shareWithin(const Histogram& times) {
    uint64_t within = 0;
    for (const Histogram::Bucket& bucket : times.content().buckets) {
        double middle = (static_cast<double>(Histogram::beginOf(bucket.index)) +
                         static_cast<double>(Histogram::endOf(bucket.index))) /
                        2;
        if (std::abs(middle - times.mean()) <= times.deviation()) within += bucket.count;
    }
    return times.count() == 0 ? 0 : static_cast<double>(within) / static_cast<double>(times.count());
}

std::string statsRow(const char* name, const Histogram& times) {
    return print("    %-7s %9s %9s %9s %8.2f%%\n", name, timeText(times.mean()).c_str(),
                 timeText(times.deviation()).c_str(), timeText(static_cast<double>(times.largest())).c_str(),
                 shareWithin(times) * 100);
}

std::string distribution(const char* name, const Histogram& times) {
    std::string text = print("  %s Distribution\n", name);
    for (double percent : kShown)
        text +=
            print("    %3.0f%% %9s\n", percent, timeText(static_cast<double>(times.percentile(percent))).c_str());
    return text;
}

const char* loopName(Arrivals arrivals) {
    switch (arrivals) {
        case Arrivals::Constant:
            return "open loop, constant arrivals";
        case Arrivals::Poisson:
            return "open loop, Poisson arrivals";
        case Arrivals::Closed:
            break;
    }
    return "closed loop";
}

std::string heading(const Load& load, const LoadOutcome& outcome, const std::string& url) {
    std::string text = print("Running %s @ ", loopName(load.arrivals)) + url + "\n";
    text += print("  1 thread and %u connections%s\n", load.connections,
                  load.keep_alive ? "" : ", a new one for each request");
    if (outcome.warm_up_ns > 0)
        text += print("  Warm-up of %s: %s\n", timeText(static_cast<double>(outcome.warm_up_ns)).c_str(),
                      outcome.warm_up_capped ? "NOT STEADY when it was cut off"
                                             : "steady, three half-second medians within 2%");
    return text;
}

Object::Ptr timesObject(const Histogram& times) {
    constexpr double kNsPerUs = 1e3;
    Object::Ptr to = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    to->set("mean_us", times.mean() / kNsPerUs);
    to->set("stdev_us", times.deviation() / kNsPerUs);
    to->set("min_us", static_cast<double>(times.smallest()) / kNsPerUs);
    to->set("max_us", static_cast<double>(times.largest()) / kNsPerUs);
    for (double percent : kInJson)
        to->set(print("p%g_us", percent), static_cast<double>(times.percentile(percent)) / kNsPerUs);
    return to;
}

Poco::Dynamic::Var warmUpOrNull(const LoadOutcome& outcome) {
    if (outcome.warm_up_ns == 0) return {};
    Object::Ptr to = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    to->set("seconds", static_cast<double>(outcome.warm_up_ns) / 1e9);
    to->set("requests", static_cast<Poco::UInt64>(outcome.warm_up_requests));
    to->set("steady", !outcome.warm_up_capped);
    return to;
}

Poco::Dynamic::Var textOrNull(const std::string& text) {
    return text.empty() ? Poco::Dynamic::Var() : Poco::Dynamic::Var(text);
}

void setLoad(Object& to, const Load& load, const std::string& url) {
    Array::Ptr paths = new Array;
    for (const std::string& path : load.paths) paths->add(path);
    to.set("url", url);
    to.set("paths", paths);
    to.set("loop", loopName(load.arrivals));
    to.set("connections", load.connections);
    to.set("keep_alive", load.keep_alive);
    if (load.arrivals == Arrivals::Closed) return;
    to.set("rate", load.rate);
    to.set("seed", static_cast<Poco::UInt64>(load.seed));
}

}  // namespace

std::string loadText(const Load& load, const LoadOutcome& outcome, const std::string& url) {
    bool is_open = load.arrivals != Arrivals::Closed;
    std::string text = heading(load, outcome, url);
    text += "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n" + statsRow("Latency", outcome.latency_ns);
    if (is_open) text += statsRow("Service", outcome.service_ns);
    text += distribution("Latency", outcome.latency_ns);
    if (is_open) text += distribution("Service", outcome.service_ns);
    text += print("  %llu requests in %s, %s read\n", static_cast<unsigned long long>(outcome.requests),
                  timeText(static_cast<double>(outcome.elapsed_ns)).c_str(),
                  bytesText(static_cast<double>(outcome.received)).c_str());
    text += print("Requests/sec: %10.2f\n", outcome.perSecond(outcome.requests));
    text += print("Transfer/sec: %10s\n", bytesText(outcome.perSecond(outcome.received)).c_str());
    if (is_open) text += print("Offered/sec:  %10.2f\n", outcome.offered);
    return text + print("Generator:    %9.1f%% of its processor\n", outcome.generatorShare() * 100);
}

std::string loadJson(const Load& load, const LoadOutcome& outcome, const std::string& url) {
    Object to(Poco::JSON_PRESERVE_KEY_ORDER);
    setLoad(to, load, url);
    to.set("requests", static_cast<Poco::UInt64>(outcome.requests));
    to.set("seconds", static_cast<double>(outcome.elapsed_ns) / 1e9);
    to.set("requests_per_second", outcome.perSecond(outcome.requests));
    to.set("received_bytes", static_cast<Poco::UInt64>(outcome.received));
    to.set("connects", static_cast<Poco::UInt64>(outcome.connects));
    to.set("latency", timesObject(outcome.latency_ns));
    to.set("service", timesObject(outcome.service_ns));
    if (load.arrivals != Arrivals::Closed) {
        to.set("offered_per_second", outcome.offered);
        to.set("unsent", static_cast<Poco::UInt64>(outcome.unsent));
    }
    to.set("warm_up", warmUpOrNull(outcome));
    to.set("generator_cpu_us", static_cast<double>(outcome.cpu_ns) / 1e3);
    to.set("generator_share", outcome.generatorShare());
    to.set("refused", textOrNull(refusal(outcome)));
    std::ostringstream out;
    to.stringify(out, 2);
    out << "\n";
    return out.str();
}

}  // namespace turnpike::measure
