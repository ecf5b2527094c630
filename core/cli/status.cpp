#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/control.h"
#include "cli/verbs.h"
#include "ledger/ledger.h"
#include "ledger/shared.h"

namespace turnpike::cli {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

unsigned long long number(const Object& of, const std::string& name) { return of.getValue<Poco::UInt64>(name); }
std::string word(const Object& of, const std::string& name) { return of.getValue<std::string>(name); }

template <class F>
void each(const Object& of, const std::string& name, F print) {
    Array::Ptr list = of.getArray(name);
    for (unsigned i = 0; list && i < list->size(); ++i) print(*list->getObject(i));
}

/// An older server has no list of those that speak TLS.
void printListeners(const Array::Ptr& listen, const char* how) {
    for (unsigned i = 0; listen && i < listen->size(); ++i)
        std::printf("listens on %s%s\n", listen->getElement<std::string>(i).c_str(), how);
}

void printHead(const Object& status) {
    std::printf("turnpike %s, pid %llu, up %llu s, %s\n", word(status, "version").c_str(), number(status, "pid"),
                number(status, "uptime_s"), word(status, "config").c_str());
    std::printf("generation %llu, %llu reloads (%llu refused), %llu workers died\n", number(status, "generation"),
                number(status, "reloads"), number(status, "failed_reloads"), number(status, "worker_deaths"));
    if (!word(status, "last_problem").empty())
        std::printf("last problem: %s\n", word(status, "last_problem").c_str());
    printListeners(status.getArray("listen"), "");
    printListeners(status.getArray("listen_tls"), " (TLS)");
}

void printWorker(const Object& worker) {
    const Object& counters = *worker.getObject("counters");
    std::printf("worker %llu  pid %llu  %s  generation %llu  %llu requests  %llu connections\n",
                number(worker, "index"), number(worker, "pid"), word(worker, "state").c_str(),
                number(worker, "generation"), number(counters, "requests"), number(counters, "connections"));
}

void printTimes(const Object& times, const char* name, const char* what) {
    const Object& of = *times.getObject(name);
    if (number(of, "count") == 0) return;
    std::printf("  %-8s %12llu  p50 %10.3f ms  p99 %10.3f ms  %s\n", name, number(of, "count"),
                static_cast<double>(number(of, "p50_us")) / 1000, static_cast<double>(number(of, "p99_us")) / 1000,
                what);
}

void printSite(const Object& site) {
    const Object& counters = *site.getObject("counters");
    std::printf("site %s  %llu requests", word(site, "name").c_str(), number(counters, "requests"));
    for (const char* of : {"2xx", "3xx", "4xx", "5xx"})
        std::printf("  %s %llu", of, number(counters, std::string("status_") + of));
    std::printf("  %llu aborted  %llu bytes in  %llu out\n", number(counters, "aborted"),
                number(counters, "bytes_received"), number(counters, "bytes_sent"));
    const Object& times = *site.getObject("times");
    printTimes(times, "total", "in all");
    printTimes(times, "queue", "waiting for a backend");
    printTimes(times, "backend", "until it began to answer");
}

void printPlugin(const Object& plugin) {
    const unsigned long long requests = number(plugin, "requests");
    if (requests == 0) return;
    const auto ms = static_cast<double>(number(plugin, "time_us")) / 1000;
    std::printf("plugin %-12s %12llu requests  %14.3f s  %10.3f ms each\n", word(plugin, "name").c_str(), requests,
                ms / 1000, ms / static_cast<double>(requests));
}

void printBackend(const Object& backend) {
    std::printf("backend %s  %s  %llu of %llu places held", word(backend, "name").c_str(),
                word(backend, "address").c_str(), number(backend, "held"), number(backend, "places"));
    if (backend.has("restarts")) std::printf("  %llu restarts", number(backend, "restarts"));
    std::printf("\n");
    each(backend, "memory", [](const Object& process) {
        std::printf("  pid %-8llu %8.1f MiB of its own\n", number(process, "pid"),
                    static_cast<double>(number(process, "private_bytes")) / 1048576);
    });
}

void printShared(const Object& shared) {
    const Object& counters = *shared.getObject("counters");
    std::vector<std::string> names;
    counters.getNames(names);
    if (names.empty()) return;
    std::printf("%s of site %s  %.1f MiB", word(shared, "name").c_str(), word(shared, "site").c_str(),
                static_cast<double>(number(shared, "bytes")) / 1048576);
    for (const std::string& name : names) std::printf("  %llu %s", number(counters, name), name.c_str());
    std::printf("\n");
}

void printTotals(const Object& totals) {
    const Object& counters = *totals.getObject("counters");
    for (const ledger::CounterName& counter : ledger::kCounters)
        std::printf("  %-22s %12llu  %s\n", counter.name, number(counters, counter.name), counter.help);
    std::printf("\n  connections\n");
    const Object& connections = *totals.getObject("connections");
    for (const ledger::StateName& state : ledger::kConnectionStateNames)
        std::printf("  %-22s %12llu  %s\n", state.name, number(connections, state.name), state.help);
    std::printf("\n  %-10s %14s %10s %16s\n", "crossings", "calls", "errors", "bytes");
    const Object& crossings = *totals.getObject("crossings");
    for (size_t i = 0; i < ledger::kClasses; ++i) {
        const char* name = ledger::name(static_cast<ledger::Class>(i));
        const Object& of = *crossings.getObject(name);
        std::printf("  %-10s %14llu %10llu %16llu\n", name, number(of, "calls"), number(of, "errors"),
                    number(of, "bytes"));
    }
}

/// What keeps the server from doing its work, as far as the master knows.
std::vector<std::string> troubles(const Object& all) {
    std::vector<std::string> found;
    bool serves = false;
    each(all, "workers", [&](const Object& worker) { serves |= word(worker, "state") == "serving"; });
    if (!serves) found.emplace_back("no worker serves");
    each(all, "backends", [&](const Object& backend) {
        if (backend.getValue<bool>("supervised") && backend.getArray("processes")->size() == 0)
            found.push_back("backend " + word(backend, "name") + " does not run");
    });
    return found;
}

int health(const Object& all) {
    const std::vector<std::string> found = troubles(all);
    for (const std::string& trouble : found) std::printf("%s\n", trouble.c_str());
    if (found.empty()) std::printf("healthy\n");
    return found.empty() ? 0 : 1;
}

enum class Form { Text, Json, Health };

int status(const ControlOptions& options, Form form) {
    std::string socket = controlSocket(options);
    if (socket.empty()) return 1;
    auto answer = askServer(socket, "status", 5000);
    if (!answer) return failed(answer.error().text);
    const Object& all = **answer;
    if (form == Form::Health) return health(all);
    if (form == Form::Json) {
        all.stringify(std::cout, 2);
        std::cout << "\n";
        return 0;
    }
    printHead(all);
    each(all, "workers", printWorker);
    each(all, "sites", printSite);
    each(all, "plugins", printPlugin);
    each(all, "backends", printBackend);
    each(all, "shared", printShared);
    std::printf("\n");
    printTotals(*all.getObject("totals"));
    return 0;
}

}  // namespace

void addStatus(CLI::App& app, Action* action) {
    struct Options {
        ControlOptions control;
        bool json = false, healthy = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("status", "Tell how the running server is");
    addControlOptions(*verb, &options->control);
    CLI::Option* json = verb->add_flag("--json", options->json, "Print everything, as JSON");
    verb->add_flag("--healthy", options->healthy,
                   "Only say whether it does its work, and exit with 1 when no worker serves, or a backend that "
                   "Turnpike runs has no process")
        ->excludes(json);
    verb->callback([action, options] {
        const Form form = options->healthy ? Form::Health : options->json ? Form::Json : Form::Text;
        *action = [options, form] { return status(options->control, form); };
    });
}

}  // namespace turnpike::cli
