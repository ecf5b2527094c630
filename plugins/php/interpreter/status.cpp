#include "status.h"

#include <algorithm>
#include <ctime>

namespace turnpike::php {
namespace {

Pool g_pool;  // PHP gives its functions nothing to keep this in

struct Counts {
    zend_long answered = 0, idle = 0, active = 0;
};

void add(zval* array, const char* key, zend_long value) { add_assoc_long(array, key, value); }
void add(zval* array, const char* key, std::string_view value) {
    add_assoc_stringl(array, key, value.data(), value.size());
}

std::string_view orDash(std::string_view text) { return text.empty() ? "-" : text; }

const char* stateName(State state) {
    if (state == State::Busy) return "Running";
    return state == State::Ending ? "Ending" : "Idle";
}

/// PHP-FPM counts a request when it begins.
zend_long requestsOf(const Slot& slot, bool is_busy) {
    return static_cast<zend_long>(slot.requests.load()) + (is_busy ? 1 : 0);
}

Counts count() {
    Counts counts;
    for (const Slot& slot : g_pool.board->slots()) {
        counts.answered += static_cast<zend_long>(slot.before.load());
        if (slot.pid == 0) continue;
        const bool is_busy = slot.state == State::Busy;
        counts.answered += requestsOf(slot, is_busy);
        ++(is_busy ? counts.active : counts.idle);
    }
    return counts;
}

void addWork(zval* process, const Work& work) {
    add(process, "request-method", orDash(textOf(work.method)));
    add(process, "request-uri", textOf(work.name));
    add(process, "query-string", textOf(work.query));
    add(process, "request-length", static_cast<zend_long>(work.length));
    add(process, "user", orDash(textOf(work.user)));
    add(process, "script", orDash(textOf(work.script)));
}

void addProcess(zval* processes, const Slot& slot, zend_long now) {
    const State state = slot.state;
    const bool is_busy = state == State::Busy;
    const uint64_t ms = is_busy ? monotonicMs() - slot.since_ms : slot.took_ms.load();
    zval process;
    array_init(&process);
    add(&process, "pid", zend_long{slot.pid});
    add(&process, "state", stateName(state));
    add(&process, "start-time", zend_long{slot.started});
    add(&process, "start-since", now - slot.started);
    add(&process, "requests", requestsOf(slot, is_busy));
    add(&process, "request-duration", static_cast<zend_long>(ms * 1000));
    addWork(&process, slot.work);
    // To know it would cost every request a system call.
    add_assoc_double(&process, "last-request-cpu", 0);
    add(&process, "last-request-memory", is_busy ? 0 : static_cast<zend_long>(slot.peak));
    add_next_index_zval(processes, &process);
}

}  // namespace

void showPool(const Pool& pool) { g_pool = pool; }

bool describePool(zval* value) {
    if (g_pool.board == nullptr) return false;
    const Counts counts = count();
    const Totals& totals = g_pool.board->totals();
    const zend_long now = time(nullptr);
    array_init(value);
    add(value, "pool", g_pool.name);
    add(value, "process-manager", g_pool.manager);
    add(value, "start-time", zend_long{totals.started});
    add(value, "start-since", now - totals.started);
    add(value, "accepted-conn", counts.answered);
    // Requests wait in Turnpike's workers, and nobody is refused by this program: nothing of that is known here.
    for (const char* key : {"listen-queue", "max-listen-queue", "listen-queue-len"}) add(value, key, zend_long{0});
    add(value, "idle-processes", counts.idle);
    add(value, "active-processes", counts.active);
    add(value, "total-processes", counts.idle + counts.active);
    add(value, "max-active-processes", std::max(counts.active, zend_long{totals.most_busy}));
    for (const char* key : {"max-children-reached", "slow-requests"}) add(value, key, zend_long{0});
    zval processes;
    array_init(&processes);
    for (const Slot& slot : g_pool.board->slots())
        if (slot.pid != 0) addProcess(&processes, slot, now);
    add_assoc_zval(value, "procs", &processes);
    return true;
}

}  // namespace turnpike::php
