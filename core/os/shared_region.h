// shared_region.h - memory that a plugin shares among all workers, with locks and a list of notices from outside.
// Made by the master, used by the workers that it forks; no process's death leaves it unusable.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "os/memory.h"
#include "os/shared_lock.h"

namespace turnpike::os {

class SharedRegion {
 public:
    static constexpr uint64_t kNotices = 1024;
    static constexpr size_t kMostNotice = 1000;
    static constexpr uint32_t kMostLocks = 4096;

    /// `folder`: in a file there; empty: in memory only.
    static Result<std::shared_ptr<SharedRegion>> create(uint64_t size, uint32_t locks, const std::string& folder);

    void* memory() const { return memory_.data(); }
    SharedLock& lock(uint32_t number) const { return locks()[number]; }
    uint32_t lockCount() const { return lock_count_; }

    /// In the master only. False: longer than kMostNotice.
    bool tell(std::string_view text);
    uint64_t notices() const;
    /// See tp_shared_service.notice().
    int32_t notice(uint64_t number, char* to, size_t size) const;

 private:
    struct Head;
    Head& head() const { return *static_cast<Head*>(head_.data()); }
    SharedLock* locks() const;

    SharedMemory head_, memory_;
    uint32_t lock_count_ = 0;
};

}  // namespace turnpike::os
