#include "interpreter.h"

#include <php.h>

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <memory>
#include <string_view>

#include "request.h"
#include "sapi.h"
#include "script.h"
#include "status.h"

namespace turnpike::php {
namespace {

constexpr uint64_t kLookEvery = 64;  // requests between two looks at the memory that nothing depends on

/// Bytes that this process shares with nobody; OPcache's are shared. 0: unknown.
uint64_t ownMemory() {
    static const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    char text[128];
    ssize_t got = file < 0 ? 0 : pread(file, text, sizeof text, 0);
    uint64_t pages[3] = {};  // of the address space, resident, resident and shared
    const char *at = text, *end = text + (got > 0 ? got : 0);
    for (uint64_t& count : pages) {
        at = std::from_chars(at, end, count).ptr;
        if (at < end) ++at;
    }
    return pages[1] > pages[2] ? (pages[1] - pages[2]) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

/// After a request. Whether the next shall be the last: that must be known before its end is announced.
bool grownTooLarge(Slot& slot, uint64_t requests, const Options& options) {
    if (options.recycle_memory == 0 && requests % kLookEvery != 1) return false;
    uint64_t memory = ownMemory();
    slot.memory.store(memory, std::memory_order_relaxed);
    return options.recycle_memory > 0 && memory > options.recycle_memory;
}

int answerAll(Request& request, Slot& slot, const Options& options) {
    bool last = false;
    for (uint64_t requests = 1; !last; ++requests) {
        if (options.recycle > 0 && requests >= options.recycle) last = true;
        if (last) request.beLast();
        if (!request.receive()) return 0;
        if (!answer(request)) return 1;
        slot.requests.store(requests, std::memory_order_relaxed);
        if (!last && grownTooLarge(slot, requests, options)) {
            request.beLast();
            if (!request.receive()) return 0;
            return answer(request) ? 0 : 1;
        }
    }
    return 0;
}

}  // namespace

int interpret(Acceptor& acceptor, Scoreboard& board, unsigned number, const Options& options) {
    adoptPhp();
    stayInFolders();
    Slot& slot = board[number];
    showPool({options.name.c_str(), modeName(options.mode), &board});
    auto request = std::make_unique<Request>(acceptor, slot);
    volatile int status = 70;
    zend_first_try { status = answerAll(*request, slot, options); }
    zend_end_try();
    request.reset();
    if (status == 0) slot.enter(State::Ending, monotonicMs());
    endPhp();
    return status;
}

}  // namespace turnpike::php
