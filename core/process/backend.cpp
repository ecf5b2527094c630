#include "process/backend.h"

#include <csignal>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "os/file.h"
#include "os/local.h"
#include "os/socket.h"
#include "server/backend_path.h"

namespace turnpike::process {
namespace {
using ledger::Class;
constexpr uint64_t kStopGraceMs = 5000;
constexpr int kBacklog = 4096;
// Who ends in peace sooner did no work: a program that goes into the background, or prints its usage.
constexpr uint64_t kLeastLifeMs = 200;
constexpr size_t kMostLeftOver = 10'000;
// What is killed needs a moment to be gone.
constexpr uint64_t kRemovalMs = 20;
constexpr int kMostRemovals = 50;

Error failed(const std::string& what, int64_t result) {
    int code = static_cast<int>(-result);
    return {code, what + ": " + std::strerror(code)};
}

void replaceAll(std::string& text, const std::string& from, const std::string& to) {
    for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
    std::vector<const char*> list;
    list.reserve(texts.size() + 1);
    for (const std::string& text : texts) list.push_back(text.c_str());
    list.push_back(nullptr);
    return list;
}
}  // namespace

Backend::Backend(Reactor& reactor, os::ErrorLog& log, server::BackendSpec spec, Place place,
                 std::function<void()> changed)
    : reactor_(reactor),
      log_(log),
      spec_(std::move(spec)),
      place_(std::move(place)),
      changed_(std::move(changed)),
      group_(reactor, [this](const std::string& text) { say(TP_LOG_WARN, text); }) {
    folder_ = server::backendFolder(spec_, place_.runtime_folder);
    socket_path_ = server::backendSocket(spec_, place_.runtime_folder);
    for (uint32_t i = 0; i < spec_.instances; ++i)
        instances_.push_back({0, 0, 0, RestartBackoff(spec_.restart_ms), {}});
}

Backend::~Backend() {
    for (const Instance& instance : instances_) reactor_.cancel(instance.timer);
    reactor_.cancel(stop_timer_);
}

void Backend::say(int32_t level, const std::string& text) {
    log_.write(level, "backend " + spec_.name + ": " + text);
}

Result<bool> Backend::start() {
    auto made = makeFolder();
    if (made && !spec_.config_text.empty()) made = writeConfig();
    if (made && !spec_.listens_itself) made = makeSocket();
    if (made) made = handFolderOver();
    if (!made) {
        clearFolder();
        return Error{made.error().code, "backend " + spec_.name + ": " + made.error().text};
    }
    if (place_.groups != nullptr) group_.open(*place_.groups, server::backendGroup(folder_), spec_.group_limits);
    for (Instance& instance : instances_) launch(instance);
    return true;
}

/// The folder was the user's, who may have put anything there, in any amount: what cannot be removed quickly goes
/// out of the way.
void Backend::clearFolder() {
    os::removeFile(folder_ + "/config");
    os::removeFile(socket_path_);
    int removed = os::removeDirectory(folder_);
    if (removed == 0 || removed == -ENOENT) return;
    if (removed == -ENOTEMPTY || removed == -EEXIST) removed = os::removeTree(folder_, kMostLeftOver);
    if (removed == 0) return;
    std::string aside = folder_ + ".old-" + std::to_string(monotonicNs());
    if (os::moveFile(folder_, aside) == 0)
        say(TP_LOG_WARN, failed("cannot remove what lies in its folder", removed).text + "; moved to " + aside);
}

/// A folder of this name is left over from a run that ended badly: nothing in it is trusted.
Result<bool> Backend::makeFolder() {
    clearFolder();
    int made = os::makeDirectory(folder_, 0700);
    if (made < 0) return failed("cannot make the folder " + folder_, made);
    return true;
}

Result<bool> Backend::writeConfig() {
    std::string path = folder_ + "/config", text = replaced(spec_.config_text);
    int fd = os::open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600, Class::File);
    if (fd < 0) return failed("cannot write " + path, fd);
    os::Fd file(fd, Class::File);
    int64_t written = os::write(fd, text.data(), text.size(), Class::File);
    if (written != static_cast<int64_t>(text.size()))
        return failed("cannot write " + path, written < 0 ? written : -ENOSPC);
    int given = place_.user ? os::changeOwner(path, place_.user->uid, place_.user->gid) : 0;
    if (given < 0) return failed("cannot give away " + path, given);
    return true;
}

/// Before the folder is the user's: there is no moment in which the path could be exchanged for a link.
Result<bool> Backend::makeSocket() {
    auto address = os::Address::parse(server::backendAddress(spec_, place_.runtime_folder));
    if (!address) return address.error();
    auto socket = os::listen(*address, kBacklog, 0660);
    if (!socket) return socket.error();
    socket_ = std::move(*socket);
    os::setBlocking(socket_.get(), true);  // accept() on descriptor 0 is expected to wait
    if (!place_.user || !spec_.address.empty()) return true;
    int given = os::changeOwner(socket_path_, place_.user->uid, place_.workers_group);
    if (given < 0) return failed("cannot give away " + socket_path_, given);
    return true;
}

/// Set-group-id: a socket that the program makes itself belongs to the workers' group, too.
Result<bool> Backend::handFolderOver() {
    if (!place_.user) return true;
    int given = os::changeOwner(folder_, place_.user->uid, place_.workers_group);
    if (given == 0) given = os::changeMode(folder_, 02710);
    if (given < 0) return failed("cannot give away " + folder_, given);
    return true;
}

std::string Backend::replaced(std::string text) const {
    replaceAll(text, "{socket}", socket_path_);
    replaceAll(text, "{config}", folder_ + "/config");
    return text;
}

os::Started Backend::run(int output) {
    std::vector<std::string> command;
    for (const std::string& argument : spec_.command) command.push_back(replaced(argument));
    auto argv = pointers(command), env = pointers(spec_.env);
    os::Fd null(socket_ ? -1 : os::open("/dev/null", O_RDONLY, 0, Class::File), Class::File);
    os::Program program;
    program.argv = argv.data();
    program.env = env.data();
    if (!spec_.directory.empty()) program.directory = spec_.directory.c_str();
    program.stdin_fd = socket_ ? socket_.get() : null.get();
    program.stdout_fd = program.stderr_fd = output;
    program.identity = place_.user ? &*place_.user : nullptr;
    program.limits = spec_.limits;
    program.parent_death_signal = SIGTERM;
    program.group_fd = group_.entrance();
    return os::start(program);
}

void Backend::launch(Instance& instance) {
    instance.timer = 0;
    int fds[2];
    if (int made = os::pipe(fds, 0, Class::Log); made < 0)
        return restartLater(instance, 0, failed("no pipe for its output", made).text);
    os::Fd ours(fds[0], Class::Log), theirs(fds[1], Class::Log);
    if (spec_.listens_itself && spec_.address.empty()) os::removeFile(socket_path_);
    os::Started started = run(theirs.get());
    if (started.error != 0) {
        std::string why = spec_.command.front() + ": " + started.step + ": " + std::strerror(started.error);
        restartLater(instance, 0, "cannot start " + why);
        return changed_();
    }
    if (started.group_error != 0) group_.warnOutside(started.group_error);
    instance.pid = started.pid;
    instance.started_ns = monotonicNs();
    std::string name = std::to_string(started.pid) + ": ";
    instance.output = std::make_unique<LineReader>(reactor_, std::move(ours), [this, name](std::string_view line) {
        say(TP_LOG_WARN, name + std::string(line));
    });
    changed_();
}

void Backend::restartLater(Instance& instance, uint64_t lived_ms, const std::string& why) {
    uint64_t pause = instance.backoff.onDeath(lived_ms);
    say(TP_LOG_ERROR, why + ", trying again in " + std::to_string(pause) + " ms");
    instance.timer = reactor_.after(pause, [this, &instance] { launch(instance); });
}

/// Programs that recycle themselves, as php-cgi does after 500 requests, end with status 0: that is no crash.
void Backend::restart(Instance& instance, const os::Ended& ended) {
    ++restarts_;
    uint64_t lived_ms = (monotonicNs() - instance.started_ns) / 1'000'000;
    std::string what = "process " + std::to_string(ended.pid) + " ended with " + os::describeStatus(ended.status);
    if (ended.status != 0 || lived_ms < kLeastLifeMs) return restartLater(instance, lived_ms, what);
    say(TP_LOG_INFO, what + " after " + std::to_string(lived_ms) + " ms, replaced");
    launch(instance);
}

bool Backend::onEnded(const os::Ended& ended) {
    for (Instance& instance : instances_) {
        if (instance.pid != ended.pid) continue;
        os::killGroup(ended.pid, SIGKILL);  // what it left behind would keep the socket and its old config
        instance.pid = 0;
        instance.output.reset();
        if (!stopping_) restart(instance, ended);
        changed_();
        finishStop();
        return true;
    }
    return false;
}

void Backend::setUser(const std::optional<os::Identity>& user) {
    if (place_.user == user) return;
    place_.user = user;
    auto given = handFolderOver();
    if (!given) say(TP_LOG_ERROR, given.error().text);
    if (user && !spec_.config_text.empty()) os::changeOwner(folder_ + "/config", user->uid, user->gid);
    for (pid_t pid : processes()) os::killAll(pid, SIGTERM);
}

void Backend::giveWay() {
    owns_folder_ = false;
    for (pid_t pid : processes()) os::killAll(pid, SIGKILL);
}

void Backend::stop(std::function<void()> stopped) {
    stopping_ = true;
    stopped_ = std::move(stopped);
    for (Instance& instance : instances_) reactor_.cancel(instance.timer);
    for (pid_t pid : processes()) os::killAll(pid, SIGTERM);
    stop_timer_ = reactor_.after(kStopGraceMs, [this] {
        for (pid_t pid : processes()) os::killAll(pid, SIGKILL);
    });
    finishStop();
}

void Backend::finishStop() {
    if (!stopping_ || !processes().empty()) return;
    if (owns_folder_ && !group_.remove(true) && ++removals_ < kMostRemovals) {
        reactor_.cancel(stop_timer_);
        stop_timer_ = reactor_.after(kRemovalMs, [this] { finishStop(); });
        return;
    }
    if (owns_folder_) clearFolder();
    auto stopped = std::move(stopped_);
    stopped();  // may destroy this
}

bool Backend::isReachable() const {
    return !spec_.listens_itself || !spec_.address.empty() || os::exists(socket_path_);
}

std::vector<pid_t> Backend::processes() const {
    std::vector<pid_t> pids;
    for (const Instance& instance : instances_)
        if (instance.pid != 0) pids.push_back(instance.pid);
    return pids;
}

}  // namespace turnpike::process
