#include "os/shared_lock.h"

#include <cerrno>
#include <ctime>

#include "ledger/ledger.h"

namespace turnpike::os {
namespace {

timespec fromNow(uint64_t ms) {
    timespec at{};
    ::clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += static_cast<time_t>(ms / 1000);
    at.tv_nsec += static_cast<long>(ms % 1000) * 1'000'000;
    if (at.tv_nsec >= 1'000'000'000) ++at.tv_sec, at.tv_nsec -= 1'000'000'000;
    return at;
}

}  // namespace

SharedLock::SharedLock() {
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&mutex_, &kind);
    pthread_mutexattr_destroy(&kind);
}

int SharedLock::lock(uint64_t wait_ms) {
    int result = pthread_mutex_trylock(&mutex_);
    if (result == EBUSY && wait_ms > 0) {
        const timespec until = fromNow(wait_ms);
        result = pthread_mutex_clocklock(&mutex_, CLOCK_MONOTONIC, &until);
        ledger::count(ledger::Class::Event, -result, false);
    }
    if (result == 0) return 0;
    if (result != EOWNERDEAD) return -ETIMEDOUT;
    pthread_mutex_consistent(&mutex_);
    return 1;
}

void SharedLock::unlock() { pthread_mutex_unlock(&mutex_); }

}  // namespace turnpike::os
