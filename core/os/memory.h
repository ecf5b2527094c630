// memory.h - memory that the master shares with the processes it forks.
#pragma once
#include <cstddef>

#include "base/result.h"

namespace turnpike::os {

/// Zeroed pages, shared across fork, given back with the last process that has them.
class SharedMemory {
 public:
    SharedMemory() = default;
    static Result<SharedMemory> create(size_t size);
    SharedMemory(SharedMemory&& other) noexcept;
    SharedMemory& operator=(SharedMemory&& other) noexcept;
    ~SharedMemory();

    void* data() const { return data_; }
    size_t size() const { return size_; }

 private:
    void* data_ = nullptr;
    size_t size_ = 0;
};

}  // namespace turnpike::os
