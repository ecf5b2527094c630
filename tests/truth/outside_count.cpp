#include "outside_count.h"

#include <cstdlib>
#include <utility>

namespace turnpike::truth {
namespace {

/// Calls whose result is a number of bytes.
const std::set<std::string> kMoving = {"recvfrom", "sendto",     "sendmsg", "recvmsg", "read",
                                       "write",    "readv",      "writev",  "pread64", "pwrite64",
                                       "sendfile", "getdents64", "splice"};
const std::set<std::string> kOnDescriptor = {
    "recvfrom", "sendto",     "sendmsg",    "recvmsg",    "read",  "write",   "readv",     "writev",
    "pread64",  "pwrite64",   "sendfile",   "getdents64", "close", "fstatfs", "fcntl",     "shutdown",
    "connect",  "setsockopt", "getsockopt", "newfstatat", "fstat", "statx",   "ftruncate", "splice"};
const std::set<std::string> kOpening = {"openat", "openat2", "open"};
const std::set<std::string> kWaiting = {"epoll_wait", "epoll_pwait", "epoll_ctl"};

uint64_t bytesOf(const Call& call) {
    if (!call.error.empty()) return 0;
    if (kMoving.contains(call.name)) return static_cast<uint64_t>(call.result);
    uint64_t sum = 0;
    if (call.name == "recvmmsg")
        for (const std::string& size : valuesOf(call.args, "msg_len="))
            sum += std::strtoull(size.c_str(), nullptr, 10);
    return sum;
}

std::vector<int> descriptorsIn(const std::string& list) {
    std::vector<int> fds;
    for (size_t at = 0; at < list.size();) {
        int fd = readDescriptor(std::string_view(list).substr(at), nullptr);
        if (fd >= 0) fds.push_back(fd);
        size_t next = list.find(", ", at);
        at = next == std::string::npos ? list.size() : next + 2;
    }
    return fds;
}

}  // namespace

const std::set<std::string>& libcCalls() {
    static const std::set<std::string> calls = {
        "brk",   "mmap",   "munmap",          "mremap", "madvise",     "mprotect",
        "futex", "clone3", "set_robust_list", "rseq",   "sched_yield", "rt_sigprocmask"};
    return calls;
}

OutsideCount::OutsideCount(uint16_t port, std::set<std::string> logs)
    : client_(std::string("TCP:[127.0.0.1:").append(std::to_string(port)).append("->")), logs_(std::move(logs)) {}

void OutsideCount::add(const Call& call, Count& to) {
    Class c{};
    Found found = classify(call, &c);
    learn(call);
    if (found == Found::Libc) return;
    if (found == Found::Unknown) return to.unexplained.push_back(call.line);
    tp_crossing& of = to.account.of[static_cast<size_t>(c)];
    ++of.calls;
    if (!call.error.empty()) ++of.errors;
    of.bytes += bytesOf(call);
    if (call.name == "epoll_wait" || call.name == "epoll_pwait") share(call, to);
}

OutsideCount::Found OutsideCount::classify(const Call& call, Class* c) {
    bool starts_thread = call.name == "rt_sigaction" && call.args.starts_with("SIGRT_1,");
    if (classifyMemory(call, c)) return Found::Class;
    if (starts_thread || libcCalls().contains(call.name)) return Found::Libc;
    return classifyByName(call, c) || classifyByDescriptor(call, c) ? Found::Class : Found::Unknown;
}

/// Of connections over shared memory: libc's own futexes are private to the process, and its maps have no file.
bool OutsideCount::classifyMemory(const Call& call, Class* c) {
    const bool is_wake = call.name == "futex" && call.args.find("FUTEX_WAKE, ") != std::string::npos;
    const bool is_map = call.name == "mmap" && call.args.find("memfd:") != std::string::npos;
    const bool is_unmap = call.name == "munmap" && maps_.contains(std::strtoll(call.args.c_str(), nullptr, 0));
    if (!is_wake && !is_map && !is_unmap && call.name != "memfd_create" && call.name != "eventfd2") return false;
    *c = Class::Backend;
    return true;
}

bool OutsideCount::classifyByName(const Call& call, Class* c) {
    if (kWaiting.contains(call.name)) return *c = Class::Event, true;
    if (call.name == "accept4" || call.name == "getsockname") return *c = Class::Listen, true;
    if (call.name == "recvmmsg" || call.name == "getppid") return *c = Class::Spawn, true;
    if (givesDescriptors(call)) return *c = Class::Spawn, true;
    if (call.name == "socket" || call.name == "pipe2") return *c = Class::Backend, true;
    if (!kOpening.contains(call.name)) return false;
    for (const std::string& log : logs_)
        if (call.args.find('"' + log + '"') != std::string::npos) return *c = Class::Log, true;
    *c = Class::File;
    return true;
}

/// To the spawner; a connection to a backend is known by then.
bool OutsideCount::givesDescriptors(const Call& call) const {
    return call.name == "sendmsg" && call.args.find("SCM_RIGHTS") != std::string::npos &&
           !known_.contains(call.fd);
}

/// Out of a pipe to a client; its other use is the way from a backend into one.
bool OutsideCount::splicesOut(const Call& call) const {
    if (call.name != "splice") return false;
    const size_t second = call.args.find(", ", call.args.find(", ") + 1);
    std::string text;
    const int to = readDescriptor(std::string_view(call.args).substr(second + 2), &text);
    const auto known = known_.find(to);
    return known != known_.end() ? known->second == Class::Client : text.starts_with(client_);
}

bool OutsideCount::classifyByDescriptor(const Call& call, Class* c) {
    if (call.fd < 0 || !kOnDescriptor.contains(call.name)) return false;
    if (splicesOut(call)) return *c = Class::Client, true;
    if (auto known = known_.find(call.fd); known != known_.end()) return *c = known->second, true;
    const std::string& text = call.fd_text;
    if (logs_.contains(text))
        *c = Class::Log;
    else if (text.starts_with("/"))
        *c = Class::File;
    else if (text.starts_with(client_))
        *c = Class::Client;
    else if (text.starts_with("TCP:") || text.starts_with("pipe:"))
        *c = Class::Backend;
    else if (text.starts_with("anon_inode:"))
        *c = Class::Event;
    else if (text.starts_with("UNIX"))
        *c = spawners_.contains(call.fd) ? Class::Spawn : Class::Event;  // else the master's orders
    else
        return false;
    return true;
}

void OutsideCount::learn(const Call& call) {
    if (!call.error.empty() && call.name != "connect") return;
    if (call.name == "close") {
        known_.erase(call.fd);
        unwatch(call.fd);  // the kernel's way: not everybody takes a descriptor out before it is closed
    }
    if (call.name == "accept4") known_[static_cast<int>(call.result)] = Class::Client;
    if (call.name == "socket" || call.name == "memfd_create" || call.name == "eventfd2")
        known_[static_cast<int>(call.result)] = Class::Backend;
    if (call.name == "pipe2")
        for (int fd : descriptorsIn(call.args.substr(1))) known_[fd] = Class::Backend;
    if (call.name == "recvmmsg" || givesDescriptors(call)) spawners_.insert(call.fd);
    if (call.name == "mmap" && call.args.find("memfd:") != std::string::npos) maps_.insert(call.result);
    if (call.name == "munmap") maps_.erase(std::strtoll(call.args.c_str(), nullptr, 0));
    if (call.name != "epoll_ctl") return;
    size_t second = call.args.find(", ", call.args.find(", ") + 1);
    std::string text;
    int fd = readDescriptor(std::string_view(call.args).substr(second + 2), &text);
    if (call.args.find("EPOLL_CTL_DEL") != std::string::npos) {
        unwatch(fd);
    } else if (auto data = valuesOf(call.args, "u64="); !data.empty() && known_.contains(fd)) {
        watched_[data.front()] = known_[fd];
        data_of_[fd] = data.front();
    }
}

void OutsideCount::unwatch(int fd) {
    auto found = data_of_.find(fd);
    if (found == data_of_.end()) return;
    watched_.erase(found->second);
    data_of_.erase(found);
}

/// Waits that served several at once belong to each in equal parts.
void OutsideCount::share(const Call& call, Count& to) {
    if (call.result <= 0) return;
    auto part = static_cast<uint64_t>(1000 / call.result);
    for (const std::string& data : valuesOf(call.args, "u64="))
        if (watched_.contains(data)) to.account.event_milli += part;
}

}  // namespace turnpike::truth
