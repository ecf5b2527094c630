#include "process/control_group.h"

#include <cstdlib>
#include <sstream>
#include <utility>

#include "os/file.h"
#include "os/local.h"
#include "process/control_file.h"

namespace turnpike::process {
namespace {
using os::Class;
// How often a limit that is met all the time is told.
constexpr uint64_t kPauseMs = 1000;

/// Of a file of lines "NAME NUMBER"; 0: it is not there.
uint64_t readCount(int fd, const std::string& name) {
    char text[1024];
    int64_t size = os::pread(fd, text, sizeof text, 0, Class::File);
    std::istringstream words(std::string(text, size < 0 ? 0 : static_cast<size_t>(size)));
    std::string word;
    for (uint64_t number = 0; words >> word >> number;)
        if (word == name) return number;
    return 0;
}
}  // namespace

constexpr ControlGroup::Kind ControlGroup::kMemory = {"cgroup_memory", "memory",   "memory.max",
                                                      "memory.events", "oom_kill", "processes killed"};
constexpr ControlGroup::Kind ControlGroup::kProcesses = {"cgroup_processes", "pids", "pids.max",
                                                         "pids.events",      "max",  "processes not started"};

ControlGroup::~ControlGroup() { close(); }

void ControlGroup::close() {
    for (auto& limit : limits_) {
        reactor_.cancel(limit->timer);
        if (limit->events) reactor_.unwatch(limit->events.get());
    }
    limits_.clear();
    entrance_.reset();
    processes_.reset();
}

void ControlGroup::open(const ControlGroups& groups, const std::string& name,
                        const server::ControlGroupLimits& limits) {
    auto entered = enter(groups, name);
    const std::pair<const Kind&, uint64_t> asked[] = {{kMemory, limits.memory_bytes},
                                                      {kProcesses, limits.processes}};
    for (const auto& [kind, value] : asked) {
        if (value == 0) continue;
        is_asked_ = true;
        auto done = entered ? set(groups, kind, value) : entered;
        if (!done) say_(std::string(kind.key) + " does not hold: " + done.error().text);
    }
}

Result<bool> ControlGroup::enter(const ControlGroups& groups, const std::string& name) {
    auto made = groups.make(name);
    if (!made) return made.error();
    folder_ = *made;
    const std::string path = folder_ + "/cgroup.procs";
    int fd = os::open(path, O_WRONLY, 0, Class::File);
    if (fd < 0) return fileError(path, fd);
    entrance_ = os::Fd(fd, Class::File);
    return true;
}

Result<bool> ControlGroup::set(const ControlGroups& groups, const Kind& kind, uint64_t value) {
    if (auto enabled = groups.enable(kind.controller); !enabled) return enabled;
    const std::string path = folder_ + "/" + kind.file;
    if (int written = writeControl(path, std::to_string(value)); written < 0) return fileError(path, written);
    if (&kind == &kProcesses) {
        most_processes_ = value;
        processes_ = os::Fd(os::open(folder_ + "/pids.current", O_RDONLY, 0, Class::File), Class::File);
    }
    os::Fd events(os::open(folder_ + "/" + kind.events, O_RDONLY, 0, Class::File), Class::File);
    if (!events) return true;  // nobody hears of it, and it holds
    uint64_t count = readCount(events.get(), kind.counter);
    limits_.push_back(std::make_unique<Limit>(Limit{kind, value, count, 0, std::move(events)}));
    watch(*limits_.back());
    return true;
}

void ControlGroup::watch(Limit& limit) {
    limit.timer = 0;
    reactor_.watch(limit.events.get(), Reactor::kNews, [this, &limit](uint32_t) { onNews(limit); });
}

/// A program that goes on against its limit makes news all the time: the next is heard in a while.
void ControlGroup::onNews(Limit& limit) {
    tell(limit);
    reactor_.unwatch(limit.events.get());
    limit.timer = reactor_.after(kPauseMs, [this, &limit] { watch(limit); });
}

void ControlGroup::tell(Limit& limit) {
    uint64_t before = std::exchange(limit.count, readCount(limit.events.get(), limit.kind.counter));
    if (limit.count <= before) return;
    say_(std::string(limit.kind.key) + " (" + std::to_string(limit.value) +
         ") is reached: " + std::to_string(limit.count - before) + " " + limit.kind.effect);
}

void ControlGroup::warnOutside(int error) {
    if (is_asked_ && !std::exchange(is_told_, true))
        say_("its limits do not hold for a process: " + fileError(folder_ + "/cgroup.procs", -error).text);
}

bool ControlGroup::isFull() const {
    char text[32];
    if (!processes_) return false;
    const int64_t size = os::pread(processes_.get(), text, sizeof text - 1, 0, Class::File);
    if (size <= 0) return false;
    text[size] = '\0';
    return std::strtoull(text, nullptr, 10) >= most_processes_;
}

bool ControlGroup::remove(bool kills) {
    if (folder_.empty()) return true;
    close();
    if (os::removeDirectory(folder_) != -EBUSY) return true;
    if (kills) writeControl(folder_ + "/cgroup.kill", "1");
    return false;
}

}  // namespace turnpike::process
