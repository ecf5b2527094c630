#include "measure/site/site_bed.h"

#include <chrono>
#include <thread>

#include "config/write.h"
#include "measure/load/load.h"
#include "measure/site/private_copy.h"

namespace turnpike::measure {
namespace {

constexpr uint64_t kQuestions = 5;
constexpr int kReadyTries = 200;  // of 50 ms: a backend may need a moment to start
constexpr uint64_t kPatienceMs = 60'000;

/// What a server answers while its backend cannot be reached yet.
bool isTooEarly(const std::string& failure) {
    return failure.starts_with("status 502") || failure.starts_with("status 503");
}

}  // namespace

Result<std::unique_ptr<SiteBed>> SiteBed::make(const Installed& installed, const config::Server& server,
                                               const Choice& choice) {
    auto folder = BedFolder::make(installed.workers);
    if (!folder) return folder.error();
    if (installed.workers)
        if (auto open = folder->letThrough(); !open) return open.error();
    std::unique_ptr<SiteBed> bed(new SiteBed(std::move(*folder), installed.program, server, choice));
    for (const char* name : {"log", "run"})
        if (auto made = makeFolder(bed->folder_ / name); !made) return made.error();
    return bed;
}

Result<const Server*> SiteBed::start(const std::string& name, const config::Site& site,
                                     const std::string& access_format) {
    stop(name);
    Configuration configuration;
    configuration.name = name;
    configuration.run_folder = "run/" + std::to_string(++started_);
    PrivatePlace place;
    place.folder = folder_ / configuration.run_folder;
    place.error_log = folder_ / ("log/" + name);
    place.access_log = accessLog(name);
    place.port = ports_.next();
    place.backend_port = [&] { return ports_.next(); };
    config::Snapshot copy = privateCopy(original_, site, place);
    copy.server.access_format = copy.sites.front().access_format = access_format;
    auto done = makeFolder(place.folder);
    // Plugins may have passwords among their keys.
    if (done) done = writeFile(folder_ / (name + ".toml"), config::toml(copy), 0600);
    if (!done) return done.error();
    const Placement::Starting starting(placement_);
    auto server = Server::start(program_, folder_.path(), configuration);
    if (!server) return server.error();
    if (auto ready = server->waitUntilReady(); !ready) return ready.error();
    return &servers_.emplace(name, std::move(*server)).first->second;
}

Result<Bodies> SiteBed::ask(const Server& server) const {
    Load load;
    load.address = server.address();
    load.host = choice_.host;
    load.paths = {choice_.target};
    load.connections = 1;
    load.duration_ms = load.silence_ms = kPatienceMs;
    load.most_requests = kQuestions;
    LoadOutcome outcome = runLoad(load);
    for (int i = 0; i < kReadyTries && isTooEarly(outcome.failure); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        outcome = runLoad(load);
    }
    if (!outcome.failure.empty()) return Error{EPROTO, outcome.failure};
    return Bodies{outcome.shortest_body, outcome.longest_body};
}

}  // namespace turnpike::measure
