#include "process/master.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "base/clock.h"
#include "os/file.h"
#include "os/local.h"
#include "os/machine.h"
#include "os/signals.h"
#include "process/purge.h"

namespace turnpike::process {
namespace {
constexpr uint64_t kQuickDrainMs = 2'000;
constexpr uint32_t kFewestSeats = 32;

/// Two generations, and room for a reload that asks for more workers than there were at the start.
uint32_t seatsFor(uint32_t workers) {
    uint32_t cores = os::processors();
    return std::min(kMostSeats, std::max({kFewestSeats, 4 * workers, 4 * cores}));
}

/// The folder and those above it. 1: made; 0: it was there, and stays whose it is.
int makeFolder(const std::string& path, unsigned mode) {
    for (size_t end = path.find('/', 1); end != path.npos; end = path.find('/', end + 1))
        os::makeDirectory(path.substr(0, end), 0755);
    int made = os::makeDirectory(path, mode);
    if (made == -EEXIST) return 0;
    return made < 0 ? made : 1;
}

/// Whether `user` may do in the file or folder what `bits` say (as for others: 2 is to write).
bool may(const os::Identity& user, const struct stat& st, unsigned bits) {
    if (st.st_uid == user.uid) return (st.st_mode >> 6 & bits) == bits;
    if (st.st_gid == user.gid) return (st.st_mode >> 3 & bits) == bits;
    return (st.st_mode & bits) == bits;
}

/// What stands at the path; st_mode is 0 when it cannot be told.
struct stat look(const std::string& path) {
    struct stat st {};
    os::Fd fd(os::open(path, O_PATH | O_NOFOLLOW, 0, os::Class::File), os::Class::File);
    if (!fd || os::fstat(fd.get(), &st, os::Class::File) < 0) st.st_mode = 0;
    return st;
}
}  // namespace

Master::Master(MasterOptions options) : options_(std::move(options)), log_("master") {}

Master::~Master() = default;

int Master::run() {
    auto ready = setUp();
    if (!ready) {
        std::fprintf(stderr, "turnpike: %s\n", ready.error().text.c_str());
        return 1;
    }
    rollOut(config_);
    reactor_.run();
    cleanUp();
    return exit_status_;
}

Result<bool> Master::setUp() {
    started_ns_ = monotonicNs();
    Problems problems = options_.load(options_.config_path, &config_);
    if (!problems.empty()) {
        for (size_t i = 0; i + 1 < problems.size(); ++i) std::fprintf(stderr, "%s\n", problems[i].c_str());
        return Error{EINVAL, problems.back()};
    }
    os::raiseFileLimit();
    guardKeys(*config_);
    auto made = makeFolders(config_->server);
    if (made) made = makeLogs(*config_);
    if (made) made = log_.open(config_->server.error_log, config_->server.log_level);
    if (!made) return made;
    sockets_.takeInherited(log_);
    auto signals = os::watchSignals({SIGCHLD, SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGUSR1});
    if (!signals) return signals.error();
    signals_ = std::move(*signals);
    reactor_.watch(signals_.get(), os::kReadable, [this](uint32_t) { onSignal(); });
    auto opened = openSockets();
    if (!opened) return opened;
    auto state = SharedState::create(seatsFor(config_->server.workers));
    if (!state) return state.error();
    state_.emplace(std::move(*state));
    tickets_.emplace(reactor_, log_, state_->tickets()).start();
    spawner_ = std::make_unique<SpawnerLink>(reactor_, log_, *state_);
    auto started = spawner_->start();
    if (!started) return started;
    spawner_->openLog(config_->server.error_log, config_->server.log_level);
    writePidFile();
    rotateLogsLater();
    return true;
}

Result<bool> Master::openSockets() {
    control_ =
        std::make_unique<ControlServer>(reactor_, log_,
                                        [this](const std::string& verb, const std::string& line,
                                               const ControlServer::Reply& reply) { onVerb(verb, line, reply); });
    auto opened = control_->open(config_->server.control_socket, "control_socket", ControlServer::Who::Owner);
    if (!opened || config_->server.purge_socket.empty()) return opened;
    purging_ = std::make_unique<ControlServer>(
        reactor_, log_,
        [this](const std::string& verb, const std::string& line, const ControlServer::Reply& reply) {
            reply(verb == "purge" ? purge(line, false) : R"({"error":"only purge is done here"})");
        });
    return purging_->open(config_->server.purge_socket, "purge_socket", ControlServer::Who::Anyone);
}

Result<bool> Master::makeFolders(const config::Server& server) {
    auto owner = fileOwner(server);
    struct {
        const std::string& path;
        unsigned mode;
        bool workers;
    } folders[] = {{server.runtime_folder, 0755, false}, {server.spool_folder, 0700, true}};
    for (const auto& folder : folders) {
        if (folder.path.empty()) continue;
        int made = makeFolder(folder.path, folder.mode);
        // Only what was made here is given away: a folder that was there before may be everybody's, like /tmp.
        if (made == 1 && folder.workers && owner) made = os::changeOwner(folder.path, owner->uid, owner->gid);
        if (made == 0 && folder.workers && owner && !may(*owner, look(folder.path), 3))
            return Error{EACCES, "the workers' user may not write to the folder " + folder.path +
                                     ": give it to that user, remove it or set [server] spool_folder"};
        if (made < 0) return Error{-made, "cannot make the folder " + folder.path + ": " + std::strerror(-made)};
    }
    // What lies there is run and connected to: in a folder like /tmp anybody could have made it before.
    int64_t user = server.runtime_folder.empty() ? 0 : os::folderOwner(server.runtime_folder);
    if (user == 0 || user == static_cast<int64_t>(os::ownIdentity().uid)) return true;
    return Error{EPERM, "the folder " + server.runtime_folder +
                            " belongs to somebody else: remove it or set [server] runtime_folder"};
}

/// A process that holds private keys leaves no core file and lets nobody of its user look into it; those that it
/// forks are the same until they run another program.
void Master::guardKeys(const config::Snapshot& snapshot) {
    const auto& sites = snapshot.sites;
    if (std::none_of(sites.begin(), sites.end(), [](const config::Site& site) { return site.tls.isOn(); })) return;
    if (auto done = os::forbidDumps(); !done) log_.write(TP_LOG_WARN, done.error().text);
}

void Master::writePidFile() {
    const std::string& path = config_->server.pid_file;
    if (path.empty()) return;
    std::string text = std::to_string(os::ownPid()) + "\n";
    int fd = os::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644, os::Class::File);
    os::Fd file(fd, os::Class::File);
    bool written = fd >= 0 && os::write(fd, text.data(), text.size(), os::Class::File) > 0;
    if (written) pid_file_ = path;
    if (!written) log_.write(TP_LOG_WARN, "cannot write the pid file " + path);
}

void Master::cleanUp() {
    if (!pid_file_.empty()) os::removeFile(pid_file_);
    control_.reset();
    purging_.reset();
    log_.write(TP_LOG_INFO, "stopped");
}

void Master::onSignal() {
    bool reap = false;
    while (int signal = os::nextSignal(signals_.get())) {
        if (signal == SIGCHLD) reap = true;
        if (signal == SIGHUP) reload();
        if (signal == SIGUSR1) reopenLogs();
        if (signal == SIGTERM) stop(stopping_ ? kQuickDrainMs : config_->server.limits.drain_ms);
        if (signal == SIGINT || signal == SIGQUIT) stop(kQuickDrainMs);
    }
    if (reap) reapAll();
}

void Master::reapAll() {
    os::Ended ended;
    while (os::reap(&ended) > 0) {
        auto mine = [&](const auto& generation) { return generation->onEnded(ended); };
        if (spawner_->onEnded(ended) || (rollout_ && rollout_->onEnded(ended)) ||
            (current_ && current_->onEnded(ended)))
            continue;
        for (size_t i = 0; i < retired_.size(); ++i)
            if (mine(retired_[i])) break;
    }
}

std::string Master::purge(const std::string& line, bool is_owner) const {
    std::vector<server::SharedUse> all;
    const auto add = [&](const Generation& generation) {
        all.insert(all.end(), generation.plan().shared.begin(), generation.plan().shared.end());
    };
    if (!current_) return R"({"error":"the server is starting or stopping"})";
    add(*current_);
    for (const auto& generation : retired_) add(*generation);
    return process::purge(line, is_owner, current_->plan().shared, all);
}

void Master::onVerb(const std::string& verb, const std::string& line, const ControlServer::Reply& reply) {
    if (verb == "status") return reply(statusJson());
    if (verb == "purge") return reply(purge(line, true));
    if (verb == "stop") return stop(config_->server.limits.drain_ms);  // the end of the connection answers
    if (verb != "reload") return reply(R"({"error":"unknown verb"})");
    if (stopping_) return reply(R"({"problems":["the server is stopping"]})");
    next_waiting_.push_back(reply);
    reload();
}

void Master::stop(uint64_t limit_ms) {
    bool first = !stopping_;
    stopping_ = true;
    if (first) notifier_.stopping();
    // Who is connected is served; the close would reset a connection that is still kept back for its data.
    if (first && current_)
        for (const auto& socket : current_->plan().sockets) socket->defer(0);
    sockets_.release();
    if (first)
        log_.write(TP_LOG_INFO, "stopping: requests have up to " + std::to_string(limit_ms) + " ms to finish");
    if (rollout_)
        rollout_->abort(limit_ms, [this] {
            reactor_.after(0, [this] {
                rollout_.reset();
                stopIfEmpty();
            });
        });
    if (current_) retired_.push_back(std::move(current_));
    std::vector<Generation*> generations;
    for (const auto& generation : retired_) generations.push_back(generation.get());
    for (Generation* generation : generations)
        generation->drain(limit_ms, [this, generation] { removeRetired(generation); });
    stopIfEmpty();
}

void Master::stopIfEmpty() {
    if (!stopping_ || emptied_ || rollout_ || !retired_.empty()) return;
    emptied_ = true;
    spawner_->stop([this] { reactor_.stop(); });
}

}  // namespace turnpike::process
