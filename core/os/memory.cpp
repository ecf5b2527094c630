#include "os/memory.h"

#include <sys/mman.h>

#include <cstring>
#include <utility>

#include "os/call.h"

namespace turnpike::os {

Result<SharedMemory> SharedMemory::create(size_t size) {
    void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ledger::count(ledger::Class::Event, data == MAP_FAILED ? -errno : 0, false);
    if (data == MAP_FAILED) return Error{errno, std::string("cannot map shared memory: ") + std::strerror(errno)};
    SharedMemory memory;
    memory.data_ = data;
    memory.size_ = size;
    return memory;
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

SharedMemory::~SharedMemory() {
    if (data_ == nullptr) return;
    ::munmap(data_, size_);
    ledger::count(ledger::Class::Event, 0, false);
}

}  // namespace turnpike::os
