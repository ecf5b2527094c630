#include "measure/toll.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cli/verbs.h"
#include "config/snapshot.h"
#include "measure/toll_table.h"
#include "process/control.h"

namespace turnpike::cli {
namespace {

constexpr int kAnswerMs = 5000;

struct Options {
    std::string config, host;
    std::vector<std::string> pages;
    unsigned seconds = 1, connections = 8, ready_seconds = 0;
    bool json = false;
};

int fail(const std::string& why) {
    std::fprintf(stderr, "turnpike: %s\n", why.c_str());
    return 1;
}

/// "name=/path", or "/path", which is its own name.
measure::Page parsePage(const std::string& text) {
    size_t equals = text.find('=');
    if (text.starts_with('/') || equals == std::string::npos) return {text, text};
    return {text.substr(0, equals), text.substr(equals + 1)};
}

/// A wildcard listens everywhere, so also where this process can reach it.
Result<os::Address> reachable(const std::string& listen) {
    auto address = os::Address::parse(listen);
    if (!address || address->isUnix()) return address;
    std::string host = address->host();
    if (host == "0.0.0.0" || host == "::")
        return os::Address::parse("127.0.0.1:" + std::to_string(address->port()));
    return address;
}

Result<measure::ServerStatus> askStatus(const std::string& socket) {
    auto json = process::ask(socket, "status", kAnswerMs);
    if (!json) return json.error();
    return measure::parseStatus(*json);
}

/// A server that has just been started answers on its socket before it listens to clients.
Result<measure::ServerStatus> awaitListening(const std::string& socket, unsigned seconds) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    for (;;) {
        auto status = askStatus(socket);
        if (!status || !status->listen.empty()) return status;
        if (std::chrono::steady_clock::now() >= deadline) return Error{ENOTCONN, "the server listens nowhere"};
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

measure::Sources sourcesOf(const std::string& socket) {
    measure::Sources sources;
    sources.status = [socket] { return askStatus(socket); };
    sources.machine = [](pid_t master) { return measure::readMachine(master, 0); };
    sources.load = measure::runLoad;
    return sources;
}

/// A backend needs a moment to start: asks for the page until it comes or the time is over.
void waitUntilReady(const measure::Load& load, const std::string& path, unsigned seconds) {
    measure::Load probe = load;
    probe.paths = {path};
    probe.connections = 1;
    probe.most_requests = 1;
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (!measure::runLoad(probe).failure.empty() && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

int print(const std::vector<measure::TollRow>& rows, const Options& options, const std::string& version) {
    if (!options.json)
        std::printf("\nTurnpike %s: %u keep-alive connections, %u s a page, load and server on one machine\n\n",
                    version.c_str(), options.connections, options.seconds);
    std::fputs((options.json ? measure::tollJson(rows) : measure::tollTable(rows)).c_str(), stdout);
    for (const measure::TollRow& row : rows)
        if (!row.failure.empty()) return 1;
    return 0;
}

int measurePages(const Options& options, const std::string& socket) {
    auto status = awaitListening(socket, options.ready_seconds);
    if (!status) return fail(status.error().text);
    auto address = reachable(status->listen.front());
    if (!address) return fail(address.error().text);
    measure::Load load;
    load.address = *address;
    load.host = options.host.empty() ? "localhost" : options.host;
    load.connections = options.connections;
    load.duration_ms = uint64_t{options.seconds} * 1000;
    std::vector<measure::TollRow> rows;
    for (const std::string& text : options.pages) {
        measure::Page page = parsePage(text);
        if (options.ready_seconds != 0) waitUntilReady(load, page.path, options.ready_seconds);
        rows.push_back(measure::measureToll(sourcesOf(socket), load, page));
    }
    return print(rows, options, status->version);
}

int toll(const Options& options) {
    std::shared_ptr<const config::Snapshot> snapshot;
    for (const config::Problem& problem : config::load(options.config, &snapshot))
        std::fprintf(stderr, "%s\n", problem.text().c_str());
    if (!snapshot) return 1;
    return measurePages(options, snapshot->server.control_socket);
}

}  // namespace

void addToll(CLI::App& app, Action* action) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand(
        "toll", "Put a short load on pages of the running server and tell what each request pays");
    addConfigOption(*verb, &options->config);
    verb->add_option("PAGE", options->pages, "NAME=/path or /path")->default_val(std::vector<std::string>{"/"});
    verb->add_option("--host", options->host, "The Host to ask for, when there are several sites");
    verb->add_option("--seconds", options->seconds, "How long each page is asked")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    verb->add_option("--connections", options->connections, "How many connections ask at once")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    verb->add_option("--ready", options->ready_seconds,
                     "Wait up to so many seconds for a page that fails at first")
        ->check(CLI::Range(0, 600))
        ->capture_default_str();
    verb->add_flag("--json", options->json, "Print JSON in place of a table");
    verb->callback([action, options] { *action = [options] { return toll(*options); }; });
}

}  // namespace turnpike::cli
