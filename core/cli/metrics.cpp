#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/control.h"
#include "cli/exporter.h"
#include "cli/prometheus.h"
#include "cli/verbs.h"

namespace turnpike::cli {
namespace {

constexpr int kPatienceMs = 5000;

Result<std::string> metricsOf(const std::string& socket) {
    auto answer = askServer(socket, "status", kPatienceMs);
    if (!answer) return answer.error();
    return prometheusText(**answer);
}

int serveMetrics(const std::string& socket, const std::string& address) {
    process::Reactor reactor;
    Exporter exporter(reactor, [&socket] { return metricsOf(socket); });
    auto listening = exporter.listen(address);
    if (!listening) return failed("cannot listen: " + listening.error().text);
    if (exporter.port() != 0) std::printf("metrics on port %u\n", exporter.port());
    std::fflush(stdout);
    reactor.run();
    return 0;
}

int metrics(const ControlOptions& options, const std::string& address) {
    const std::string socket = controlSocket(options);
    if (socket.empty()) return 1;
    if (!address.empty()) return serveMetrics(socket, address);
    auto text = metricsOf(socket);
    if (!text) return failed(text.error().text);
    std::fputs(text->c_str(), stdout);
    return 0;
}

}  // namespace

void addMetrics(CLI::App& app, Action* action) {
    struct Options {
        ControlOptions control;
        std::string listen;
    };
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("metrics", "Print what Prometheus asks for, or answer it over HTTP");
    addControlOptions(*verb, &options->control);
    verb->add_option(
        "--listen", options->listen,
        "Answer GET /metrics there until ended: 127.0.0.1:9145, [::1]:9145 or unix:/path; nothing that "
        "others can reach");
    verb->callback(
        [action, options] { *action = [options] { return metrics(options->control, options->listen); }; });
}

}  // namespace turnpike::cli
