#include "process/probe.h"

#include <csignal>
#include <cstring>

#include "os/file.h"
#include "os/signals.h"
#include "process/spawner_protocol.h"

namespace turnpike::process {
namespace {
constexpr size_t kMostBytes = size_t{16} << 20;
constexpr uint64_t kDeadlineMs = 60'000;
constexpr uint32_t kMostTexts = 65536;

/// What the child writes: steps, each before it is taken, then what came of all of them.
enum class Part : uint32_t { Step = 1, Found = 2 };

void writeAll(int pipe, std::string_view bytes) {
    while (!bytes.empty()) {
        int64_t written = os::write(pipe, bytes.data(), bytes.size(), os::Class::Spawn);
        if (written < 0) os::exitNow(1);
        bytes.remove_prefix(static_cast<size_t>(written));
    }
}

void writeStep(int pipe, const std::string& step) {
    Writer to;
    to.u32(static_cast<uint32_t>(Part::Step))
        .text(step.c_str());  // a config may hold a NUL, the reader takes none
    writeAll(pipe, to.bytes());
}

[[noreturn]] void runProbe(const MasterOptions& options, const config::Snapshot& snapshot,
                           const std::optional<os::Identity>& user, int pipe) {
    os::leaveGroup();
    os::ignoreSignals({SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGPIPE});
    os::closeOthers(&pipe, 1);
    Problems problems;
    server::Declared declared;
    Result<bool> prepared = user ? os::assume(*user) : true;
    if (prepared) prepared = os::lockDown();
    if (prepared)
        problems = options.probe(snapshot, &declared, [pipe](const std::string& step) { writeStep(pipe, step); });
    else
        problems.push_back("cannot give up privileges: " + prepared.error().text);
    Writer to;
    to.u32(static_cast<uint32_t>(Part::Found))
        .texts(problems)
        .u32(static_cast<uint32_t>(declared.backends.size()));
    for (const server::BackendSpec& spec : declared.backends) write(to, spec);
    to.u32(static_cast<uint32_t>(declared.shared.size()));
    for (const server::SharedSpec& spec : declared.shared) write(to, spec);
    writeAll(pipe, to.bytes());
    os::exitNow(0);
}

}  // namespace

Probe::~Probe() {
    reactor_.cancel(deadline_);
    if (pipe_) reactor_.unwatch(pipe_.get());
    if (pid_ > 0) os::kill(pid_, SIGKILL);  // the master's SIGCHLD reaps it
}

Result<bool> Probe::start(const MasterOptions& options, const config::Snapshot& snapshot,
                          const std::optional<os::Identity>& user, Done done) {
    int fds[2];
    if (int made = os::pipe(fds, 0, os::Class::Spawn); made < 0)
        return Error{-made, std::string("pipe: ") + std::strerror(-made)};
    pipe_ = os::Fd(fds[0], os::Class::Spawn);
    os::Fd theirs(fds[1], os::Class::Spawn);
    done_ = std::move(done);
    pid_ = os::fork();
    if (pid_ == 0) runProbe(options, snapshot, user, theirs.get());
    if (pid_ < 0) return Error{-pid_, std::string("fork: ") + std::strerror(-pid_)};
    reactor_.watch(pipe_.get(), os::kReadable, [this](uint32_t) { onReadable(); });
    deadline_ = reactor_.after(kDeadlineMs, [this] {
        late_ = true;
        os::kill(pid_, SIGKILL);
    });
    return true;
}

void Probe::onReadable() {
    char buffer[65536];
    int64_t size;
    while ((size = os::read(pipe_.get(), buffer, sizeof buffer, os::Class::Spawn)) > 0 &&
           bytes_.size() < kMostBytes) {
        bytes_.append(buffer, static_cast<size_t>(size));
        takeSteps();
    }
    if (size != -EAGAIN) reactor_.unwatch(pipe_.get());
}

/// Of the steps only the last is kept.
void Probe::takeSteps() {
    size_t taken = 0;
    for (;;) {
        Reader from(std::string_view(bytes_).substr(taken));
        const auto part = static_cast<Part>(from.u32());
        const std::string_view step = from.text();
        if (part != Part::Step || !from.ok()) break;
        step_ = step;
        taken = static_cast<size_t>(step.data() + step.size() + 1 - bytes_.data());
    }
    bytes_.erase(0, taken);
}

bool Probe::onEnded(const os::Ended& ended) {
    if (ended.pid != pid_) return false;
    pid_ = 0;
    reactor_.cancel(std::exchange(deadline_, 0));
    onReadable();
    auto done = std::move(done_);
    done(result(ended.status));
    return true;
}

Probe::Found Probe::result(int status) const {
    const std::string who = step_.empty() ? "a plugin" : step_;
    if (late_) return {{who + " was not done after a minute of trying the plugins out"}, {}};
    Reader from(bytes_);
    // A plugin may also end the process as if all were well.
    if (status != 0 || bytes_.empty())
        return {{who + " ended the process that tried it out (" + os::describeStatus(status) + ")"}, {}};
    Found found;
    if (static_cast<Part>(from.u32()) != Part::Found)
        return {{"what the plugins declared could not be read back"}, {}};
    found.problems = from.texts(kMostTexts);
    uint32_t count = from.u32();
    for (uint32_t i = 0; i < count && from.ok(); ++i) read(from, found.declared.backends.emplace_back());
    count = from.u32();
    for (uint32_t i = 0; i < count && from.ok(); ++i) read(from, found.declared.shared.emplace_back());
    if (!from.atEnd()) return {{"what the plugins declared could not be read back"}, {}};
    return found;
}

}  // namespace turnpike::process
