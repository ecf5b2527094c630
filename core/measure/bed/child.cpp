#include "measure/bed/child.h"

#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "os/file.h"
#include "os/process.h"

namespace turnpike::measure {
namespace {

constexpr uint64_t kPatienceMs = 10'000;
constexpr size_t kLastWords = 1000;

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
    std::vector<const char*> list;
    list.reserve(texts.size() + 1);
    for (const std::string& text : texts) list.push_back(text.c_str());
    list.push_back(nullptr);
    return list;
}

}  // namespace

Result<Child> Child::start(const Program& program) {
    os::Fd nothing(os::open("/dev/null", O_RDONLY | O_CLOEXEC, 0, os::Class::Spawn), os::Class::Spawn);
    os::Fd log(os::open(program.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600, os::Class::Spawn),
               os::Class::Spawn);
    if (!nothing || !log) return Error{-log.get(), "cannot write " + program.log};
    const std::vector<std::string> environment = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=" + program.folder};
    const auto argv = pointers(program.argv), env = pointers(environment);
    os::Program start;
    start.argv = argv.data();
    start.env = env.data();
    start.directory = program.folder.c_str();
    start.stdin_fd = nothing.get();
    start.stdout_fd = start.stderr_fd = log.get();
    start.identity = program.user ? &*program.user : nullptr;
    start.parent_death_signal = program.death_signal;
    const os::Started started = os::start(start);
    if (started.pid < 0)
        return Error{started.error, "cannot start " + program.argv.front() + ": " + started.step + ": " +
                                        std::strerror(started.error)};
    return Child(started.pid, program.log);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), log_(std::move(other.log_)), end_(std::move(other.end_)) {}

Child& Child::operator=(Child&& other) noexcept {
    if (this == &other) return *this;
    stop();
    pid_ = std::exchange(other.pid_, -1);
    log_ = std::move(other.log_);
    end_ = std::move(other.end_);
    return *this;
}

Child::~Child() { stop(); }

bool Child::isRunning() {
    if (pid_ <= 0) return false;
    os::Ended ended{};
    if (os::reap(&ended, pid_) == 0) return true;
    end_ = os::describeStatus(ended.status);
    pid_ = -1;
    return false;
}

bool Child::waitForEnd(uint64_t ms) {
    const uint64_t until = monotonicNs() + ms * 1'000'000;
    while (isRunning()) {
        if (monotonicNs() >= until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

void Child::stop() {
    if (!isRunning()) return;
    os::kill(pid_, SIGTERM);
    if (waitForEnd(kPatienceMs)) return;
    os::killAll(pid_, SIGKILL);
    waitForEnd(kPatienceMs);
}

std::string Child::lastWords() const {
    auto text = os::readFile(log_);
    if (!text) return {};
    return text->size() <= kLastWords ? *text : text->substr(text->size() - kLastWords);
}

}  // namespace turnpike::measure
