#include "cli/prometheus.h"

#include <Poco/JSON/Array.h>

#include <cstdint>
#include <cstdio>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/shared.h"

namespace turnpike::cli {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

/// A label's value: backslash, quotation mark and line feed are what the format escapes.
std::string label(const char* name, const std::string& value) {
    std::string text = std::string(name) + "=\"";
    for (const char c : value) {
        if (c == '\\' || c == '"') text += '\\';
        if (c == '\n')
            text += "\\n";
        else
            text += c;
    }
    return text + "\"";
}

std::string seconds(uint64_t us) {
    char text[40];
    std::snprintf(text, sizeof text, "%llu.%06llu", static_cast<unsigned long long>(us / 1'000'000),
                  static_cast<unsigned long long>(us % 1'000'000));
    return text;
}

uint64_t number(const Object& of, const std::string& name) { return of.getValue<Poco::UInt64>(name); }
std::string word(const Object& of, const std::string& name) { return of.getValue<std::string>(name); }

std::vector<Object::Ptr> all(const Object& of, const std::string& name) {
    std::vector<Object::Ptr> objects;
    Array::Ptr list = of.getArray(name);
    for (unsigned i = 0; list && i < list->size(); ++i) objects.push_back(list->getObject(i));
    return objects;
}

class Text {
 public:
    /// All samples of a name must follow its head.
    void head(const std::string& name, const char* type, const std::string& help) {
        name_ = "turnpike_" + name;
        text_ += "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + type + "\n";
    }
    void sample(const std::string& labels, const std::string& value, const char* suffix = "") {
        text_ += name_ + suffix + (labels.empty() ? "" : "{" + labels + "}") + " " + value + "\n";
    }
    void sample(const std::string& labels, uint64_t value, const char* suffix = "") {
        sample(labels, std::to_string(value), suffix);
    }
    std::string take() { return std::move(text_); }

 private:
    std::string text_, name_;
};

void serverMetrics(Text& text, const Object& status) {
    text.head("build_info", "gauge", "Always 1; the label tells the version that runs.");
    text.sample(label("version", word(status, "version")), 1);
    text.head("uptime_seconds", "gauge", "Since the master was started.");
    text.sample("", number(status, "uptime_s"));
    text.head("reloads_total", "counter", "Reloads of the configuration, by their result.");
    text.sample(label("result", "ok"), number(status, "reloads"));
    text.sample(label("result", "refused"), number(status, "failed_reloads"));
    text.head("worker_deaths_total", "counter", "Workers that ended without having been told to.");
    text.sample("", number(status, "worker_deaths"));
    text.head("workers", "gauge", "Workers by their state.");
    for (const char* state : {"serving", "starting", "draining"}) {
        uint64_t count = 0;
        for (const auto& worker : all(status, "workers")) count += word(*worker, "state") == state ? 1 : 0;
        text.sample(label("state", state), count);
    }
}

void totalMetrics(Text& text, const Object& totals) {
    const Object& counters = *totals.getObject("counters");
    for (const ledger::CounterName& counter : ledger::kCounters) {
        const std::string name = counter.name;
        if (name.starts_with("status_")) continue;  // by site below
        if (name == "connections") continue;        // by state
        text.head(counter.is_gauge ? name : name + "_total", counter.is_gauge ? "gauge" : "counter", counter.help);
        text.sample("", number(counters, name));
    }
    text.head("connections", "gauge", "Connections open now, by what they are at.");
    const Object& connections = *totals.getObject("connections");
    for (const ledger::StateName& state : ledger::kConnectionStateNames)
        text.sample(label("state", state.name), number(connections, state.name));
    const Object& crossings = *totals.getObject("crossings");
    struct {
        const char *name, *member, *help;
    } const kinds[] = {{"crossings_total", "calls", "System calls, by what they were made for."},
                       {"crossing_errors_total", "errors", "System calls that failed, EAGAIN among them."},
                       {"crossing_bytes_total", "bytes", "Bytes that system calls moved."}};
    for (const auto& kind : kinds) {
        text.head(kind.name, "counter", kind.help);
        for (size_t i = 0; i < ledger::kClasses; ++i) {
            const char* of = ledger::name(static_cast<ledger::Class>(i));
            text.sample(label("class", of), number(*crossings.getObject(of), kind.member));
        }
    }
}

void siteCounter(Text& text, const Object& status, const char* name, const char* member, const char* help) {
    text.head(name, "counter", help);
    for (const auto& site : all(status, "sites"))
        text.sample(label("site", word(*site, "name")), number(*site->getObject("counters"), member));
}

void siteTimes(Text& text, const Object& site, const char* phase) {
    const Object& times = *site.getObject("times")->getObject(phase);
    const std::string labels = label("site", word(site, "name")) + "," + label("phase", phase);
    uint64_t count = 0;
    for (const auto& bucket : all(times, "buckets")) {
        count = number(*bucket, "count");
        text.sample(labels + "," + label("le", seconds(number(*bucket, "most_us"))), count, "_bucket");
    }
    text.sample(labels + "," + label("le", "+Inf"), number(times, "count"), "_bucket");
    text.sample(labels, seconds(number(times, "sum_us")), "_sum");
    text.sample(labels, number(times, "count"), "_count");
}

void siteMetrics(Text& text, const Object& status) {
    text.head("site_responses_total", "counter", "Answers of a site by the class of their status.");
    for (const auto& site : all(status, "sites"))
        for (const char* of : {"2xx", "3xx", "4xx", "5xx"})
            text.sample(label("site", word(*site, "name")) + "," + label("class", of),
                        number(*site->getObject("counters"), std::string("status_") + of));
    siteCounter(text, status, "site_requests_total", "requests", "Requests of a site that have ended.");
    siteCounter(text, status, "site_aborted_total", "aborted", "Requests of a site whose client left first.");
    siteCounter(text, status, "site_received_bytes_total", "bytes_received", "Request body bytes of a site.");
    siteCounter(text, status, "site_sent_bytes_total", "bytes_sent", "Response body bytes of a site.");
    text.head("site_request_seconds", "histogram",
              "What requests took: in all, waiting for a backend, and from then until it began to answer.");
    for (const auto& site : all(status, "sites"))
        for (const char* phase : {"total", "queue", "backend"}) siteTimes(text, *site, phase);
}

void pluginMetrics(Text& text, const Object& status) {
    const auto plugins = all(status, "plugins");
    text.head("plugin_requests_total", "counter", "Requests that a plugin answered, or held in an access hook.");
    for (const auto& plugin : plugins)
        text.sample(label("plugin", word(*plugin, "name")), number(*plugin, "requests"));
    text.head("plugin_seconds_total", "counter",
              "How long a plugin had those requests: until it let go of them or their answer had left.");
    for (const auto& plugin : plugins)
        text.sample(label("plugin", word(*plugin, "name")), seconds(number(*plugin, "time_us")));
}

std::string backendLabels(const Object& backend) {
    return label("backend", word(backend, "name")) + "," + label("address", word(backend, "address"));
}

void backendMetrics(Text& text, const Object& status) {
    const auto backends = all(status, "backends");
    struct {
        const char *name, *member, *help;
    } const gauges[] = {
        {"backend_places", "places", "Requests that a backend answers at once."},
        {"backend_places_held", "held", "Places that workers hold, busy or kept for the next request."},
        {"backend_waiting_workers", "waiting_workers", "Workers with requests that wait for a place."}};
    for (const auto& gauge : gauges) {
        text.head(gauge.name, "gauge", gauge.help);
        for (const auto& backend : backends) text.sample(backendLabels(*backend), number(*backend, gauge.member));
    }
    text.head("backend_restarts_total", "counter", "How often a supervised program was started again.");
    for (const auto& backend : backends)
        if (backend->has("restarts")) text.sample(backendLabels(*backend), number(*backend, "restarts"));
    text.head("backend_processes", "gauge", "Processes of a supervised program, its children among them.");
    for (const auto& backend : backends) text.sample(backendLabels(*backend), all(*backend, "memory").size());
    text.head("backend_memory_bytes", "gauge", "Memory that those processes do not share with others.");
    for (const auto& backend : backends) {
        uint64_t bytes = 0;
        for (const auto& process : all(*backend, "memory")) bytes += number(*process, "private_bytes");
        text.sample(backendLabels(*backend), bytes);
    }
}

void programMetrics(Text& text, const Object& children) {
    struct {
        const char *name, *member, *help;
    } const counters[] = {{"programs_started_total", "started", "CGI programs that were started."},
                          {"programs_ended_total", "ended", "CGI programs that have ended."},
                          {"programs_failed_total", "failed", "CGI programs that could not be started."}};
    for (const auto& counter : counters) {
        text.head(counter.name, "counter", counter.help);
        text.sample("", number(children, counter.member));
    }
    text.head("programs_cpu_seconds_total", "counter", "Processor time of CGI programs that have ended.");
    text.sample("", seconds(number(children, "cpu_us")));
}

}  // namespace

std::string prometheusText(const Object& status) {
    Text text;
    serverMetrics(text, status);
    totalMetrics(text, *status.getObject("totals"));
    siteMetrics(text, status);
    pluginMetrics(text, status);
    backendMetrics(text, status);
    programMetrics(text, *status.getObject("children"));
    return text.take();
}

}  // namespace turnpike::cli
