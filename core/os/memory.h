// memory.h - memory that the master shares with the processes it forks, and pages to be touched.
#pragma once
#include <cstddef>
#include <string>

#include "base/result.h"

namespace turnpike::os {

/// Zeroed pages, shared across fork, given back with the last process that has them.
class SharedMemory {
 public:
    SharedMemory() = default;
    static Result<SharedMemory> create(size_t size);
    /// The same, but kept in an unnamed file in `folder`, whose space is taken at once: a disk that fills later
    /// cannot end the process that writes to it.
    static Result<SharedMemory> createOnDisk(size_t size, const std::string& folder);
    SharedMemory(SharedMemory&& other) noexcept;
    SharedMemory& operator=(SharedMemory&& other) noexcept;
    ~SharedMemory();

    void* data() const { return data_; }
    size_t size() const { return size_; }

 private:
    static Result<SharedMemory> map(size_t size, int flags, int fd);

    void* data_ = nullptr;
    size_t size_ = 0;
};

/// Memory of this process that the kernel has promised and gives page by page as each is touched: no huge pages.
class FreshPages {
 public:
    static Result<FreshPages> create(size_t count);
    FreshPages(FreshPages&& other) noexcept;
    FreshPages& operator=(FreshPages&& other) noexcept;
    ~FreshPages();

    size_t count() const { return count_; }
    /// Writes to the page: a fault, the first time.
    void touch(size_t page) { data_[page * page_size_] = 1; }
    /// All of them are as new.
    void giveBack();

 private:
    FreshPages() = default;
    volatile char* data_ = nullptr;
    size_t count_ = 0, page_size_ = 0;
};

}  // namespace turnpike::os
