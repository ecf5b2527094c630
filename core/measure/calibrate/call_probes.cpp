// Calls that no other process has a part in.
#include <ctime>
#include <memory>

#include "measure/calibrate/probes.h"
#include "os/file.h"
#include "os/memory.h"
#include "os/process.h"
#include "os/socket.h"

namespace turnpike::measure {
namespace {

constexpr size_t kPages = 1024;

Result<double> nullCalls(uint64_t repeats) {
    const uint64_t begin = monotonicNs();
    os::nullCalls(repeats);
    return static_cast<double>(monotonicNs() - begin) / static_cast<double>(repeats);
}

/// CLOCK_MONOTONIC is read without a call, the CPU time of a thread is not.
template <clockid_t Clock>
Result<double> clockReads(uint64_t repeats) {
    return nsEach(repeats, [] {
        timespec now;
        return clock_gettime(Clock, &now) == 0;
    });
}

Result<double> usageReads(uint64_t repeats) {
    return nsEach(repeats, [] {
        os::threadCpuUs();
        return true;
    });
}

using Pair = std::pair<os::Fd, os::Fd>;

Result<Pair> pipePair() {
    int fds[2];
    if (int made = os::pipe(fds, 0, os::Class::Backend); made < 0) return Error{-made, "no pipe"};
    return Pair{os::Fd(fds[1], os::Class::Backend), os::Fd(fds[0], os::Class::Backend)};
}

/// One byte in and out again: two calls and what the object does, without a switch.
void addWriteRead(Probes& to, const std::string& name, Result<Pair> made) {
    if (!made) return to.leaveOut(name, made.error().text);
    auto pair = std::make_shared<Pair>(std::move(*made));
    auto step = [pair] {
        char byte = 'x';
        return os::write(pair->first.get(), &byte, 1, os::Class::Backend) == 1 &&
               os::read(pair->second.get(), &byte, 1, os::Class::Backend) == 1;
    };
    to.ready.push_back({name, [step](uint64_t repeats) { return nsEach(repeats, step); }});
}

/// Giving the pages back is not part of it.
void addFault(Probes& to) {
    auto made = os::FreshPages::create(kPages);
    if (!made) return to.leaveOut("page_fault", made.error().text);
    auto pages = std::make_shared<os::FreshPages>(std::move(*made));
    to.ready.push_back({"page_fault", [pages](uint64_t repeats) -> Result<double> {
                            const size_t count = std::min<uint64_t>(repeats, kPages);
                            size_t next = 0;
                            auto took = nsEach(count, [&] { return pages->touch(next++), true; });
                            pages->giveBack();
                            return took;
                        }});
}

}  // namespace

void addCallProbes(Probes& to) {
    to.ready.push_back({"null_syscall", nullCalls});
    to.ready.push_back({"clock_gettime", clockReads<CLOCK_MONOTONIC>});
    to.ready.push_back({"thread_cputime", clockReads<CLOCK_THREAD_CPUTIME_ID>});
    to.ready.push_back({"rusage_thread", usageReads});
    addWriteRead(to, "pipe_write_read", pipePair());
    addWriteRead(to, "unix_write_read", os::unixPair());
    addWriteRead(to, "tcp_write_read", os::tcpPair());
    addFault(to);
}

}  // namespace turnpike::measure
