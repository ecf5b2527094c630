#include <fcntl.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/histogram_text.h"
#include "cli/verbs.h"
#include "config/units.h"
#include "http/syntax.h"
#include "measure/load/load.h"
#include "measure/load/load_report.h"
#include "measure/load/load_url.h"
#include "os/file.h"
#include "os/process.h"
#include "os/thread.h"

namespace turnpike::cli {
namespace {

constexpr int kRefused = 3;
constexpr double kNsPerMs = 1e6;
constexpr uint64_t kDefaultMs = 10'000;

struct Options {
    std::string url, arrivals, hgrm;
    std::vector<std::string> paths, fields;
    unsigned connections = 8;
    std::optional<uint64_t> duration_ms;
    uint64_t warm_up_ms = kDefaultMs, requests = 0, seed = 1;
    std::optional<double> rate;
    std::optional<unsigned> cpu;
    bool no_keep_alive = false, json = false;
};

int fail(const std::string& why) {
    std::fprintf(stderr, "turnpike: %s\n", why.c_str());
    return 1;
}

/// A Host among the fields replaces the URL's. Empty: well; otherwise what is wrong.
std::string takeFields(const std::vector<std::string>& fields, measure::Load* load) {
    for (const std::string& field : fields) {
        size_t colon = field.find(':');
        std::string name = field.substr(0, colon);
        if (colon == std::string::npos || !http::isToken(name) || !http::isFieldText(field.substr(colon + 1)))
            return "expected --header \"Name: value\", not " + field;
        if (http::equalsLower(name, "host"))
            load->host = http::trimBlanks(std::string_view(field).substr(colon + 1));
        else
            load->fields.push_back(field);
    }
    return {};
}

Result<measure::Load> makeLoad(const Options& options) {
    auto url = measure::parseLoadUrl(options.url);
    if (!url) return url.error();
    auto address = measure::addressOf(*url);
    if (!address) return address.error();
    measure::Load load;
    load.address = *address;
    load.host = url->hostField();
    if (url->is_secure) load.tls_name = url->host;
    load.paths.push_back(url->target);
    for (const std::string& path : options.paths) {
        auto target = measure::parseTarget(path);
        if (!target) return target.error();
        load.paths.push_back(*target);
    }
    std::string wrong = takeFields(options.fields, &load);
    if (!wrong.empty()) return Error{EINVAL, wrong};
    return load;
}

void takePace(const Options& options, measure::Load* load) {
    constexpr uint64_t kNoEndMs = uint64_t{1} << 40;  // 35 years
    load->connections = options.connections;
    load->keep_alive = !options.no_keep_alive;
    load->seed = options.seed;
    load->warm_up_ms = std::min(options.warm_up_ms, kNoEndMs);
    if (options.requests > 0) load->most_requests = options.requests;
    load->duration_ms =
        std::min(options.duration_ms.value_or(options.requests > 0 ? kNoEndMs : kDefaultMs), kNoEndMs);
    if (!options.rate) return;
    load->rate = *options.rate;
    load->arrivals = options.arrivals == "poisson" ? measure::Arrivals::Poisson : measure::Arrivals::Constant;
}

int writeFile(const std::string& name, const std::string& text) {
    os::Fd file(os::open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644, os::Class::File), os::Class::File);
    int64_t written = file.get();
    for (size_t at = 0; written >= 0 && at < text.size(); at += static_cast<size_t>(written))
        written = os::write(file.get(), text.data() + at, text.size() - at, os::Class::File);
    if (written >= 0) return 0;
    return fail("cannot write " + name + ": " + std::strerror(static_cast<int>(-written)));
}

int run(const Options& options) {
    auto load = makeLoad(options);
    if (!load) return fail(load.error().text);
    takePace(options, &*load);
    int pinned = options.cpu ? os::pinThread(*options.cpu) : 0;
    if (pinned < 0)
        return fail("cannot run on processor " + std::to_string(*options.cpu) + ": " + std::strerror(-pinned));
    os::raiseFileLimit();
    measure::LoadOutcome outcome = measure::runLoad(*load);
    if (!outcome.failure.empty()) return fail(options.url + ": " + outcome.failure);
    std::fputs((options.json ? measure::loadJson(*load, outcome, options.url)
                             : measure::loadText(*load, outcome, options.url))
                   .c_str(),
               stdout);
    if (!options.hgrm.empty() && writeFile(options.hgrm, hgrm(outcome.latency_ns, kNsPerMs)) != 0) return 1;
    std::string why = measure::refusal(outcome);
    if (why.empty()) return 0;
    std::fprintf(stderr, "turnpike: this run is refused: %s\n", why.c_str());
    return kRefused;
}

/// As in the configuration: "500ms", "30s".
CLI::Validator duration() {
    auto toMs = [](std::string& text) {
        auto ms = config::parseDuration(text);
        if (!ms) return ms.error().text;
        text = std::to_string(*ms);
        return std::string();
    };
    return {toMs, "DURATION"};
}

void addPaceOptions(CLI::App& verb, Options& options) {
    verb.add_option("-c,--connections", options.connections, "Connections; with --rate the most that may be open")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    verb.add_option("-d,--duration", options.duration_ms,
                    "How long, as 30s or 500ms [10s, or until --requests are made]")
        ->transform(duration());
    verb.add_option("--requests", options.requests, "End after so many answers")->check(CLI::PositiveNumber);
    verb.add_option(
            "--warm-up", options.warm_up_ms,
            "The most time for warming up, uncounted, until three half-second medians lie within 2 % [10s]; "
            "0: none")
        ->transform(duration());
    auto* rate = verb.add_option("--rate", options.rate,
                                 "Requests per second that are sent whatever the server does (open loop)")
                     ->check(CLI::PositiveNumber);
    verb.add_option("--arrivals", options.arrivals, "How the requests of --rate are spaced")
        ->check(CLI::IsMember({"constant", "poisson"}))
        ->needs(rate);
    verb.add_option("--seed", options.seed, "Of Poisson arrivals")->capture_default_str();
}

}  // namespace

void addLoad(CLI::App& app, Action* action) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand(
        "load",
        "Put a load on a server and tell how long it takes to answer; status 3: the generator was the bottleneck");
    verb->add_option("URL", options->url, "http[s]://HOST[:PORT]/PATH or unix:/SOCKET[:/PATH]")->required();
    verb->add_option("PATH", options->paths, "More paths of the same server, asked in turn");
    addPaceOptions(*verb, *options);
    verb->add_flag("--no-keep-alive", options->no_keep_alive, "A new connection for each request");
    verb->add_option("--header", options->fields, "One more request field, \"Name: value\"")
        ->allow_extra_args(false);
    verb->add_option("--cpu", options->cpu, "Run on this processor only");
    verb->add_flag("--json", options->json, "Print JSON in place of text");
    verb->add_option("--hgrm", options->hgrm,
                     "Write the latencies (ms) to this file as HdrHistogram's tools plot them");
    verb->callback([action, options] { *action = [options] { return run(*options); }; });
}

}  // namespace turnpike::cli
