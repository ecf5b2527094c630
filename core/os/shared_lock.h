// shared_lock.h - a lock in memory that processes share, which survives the death of its holder.
#pragma once
#include <pthread.h>

#include <cstdint>

namespace turnpike::os {

/// Made once, by whoever makes the memory; lives as long as that. The kernel gives it back when its holder dies.
class SharedLock {
 public:
    SharedLock();
    SharedLock(const SharedLock&) = delete;
    SharedLock& operator=(const SharedLock&) = delete;

    /// 0: held. 1: held, and the one who held it before died with it: what the lock guards may be half changed.
    /// -ETIMEDOUT: somebody else held it all the time; `wait_ms` 0 does not wait. One call to wait.
    int lock(uint64_t wait_ms);
    /// By the process that holds it.
    void unlock();

 private:
    pthread_mutex_t mutex_;
};

}  // namespace turnpike::os
