#include "os/memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "os/call.h"
#include "os/file.h"

namespace turnpike::os {

Result<SharedMemory> SharedMemory::create(size_t size) { return map(size, MAP_SHARED | MAP_ANONYMOUS, -1); }

Result<SharedMemory> SharedMemory::createOnDisk(size_t size, const std::string& folder) {
    const Fd file(openUnnamed(folder, Class::File), Class::File);
    if (!file) return Error{-file.get(), "cannot make a file in " + folder + ": " + std::strerror(-file.get())};
    const auto taken =
        call(Class::File, false, [&] { return ::fallocate(file.get(), 0, 0, static_cast<off_t>(size)); });
    if (taken < 0)
        return Error{static_cast<int>(-taken), "cannot take " + std::to_string(size) + " bytes in " + folder +
                                                   ": " + std::strerror(static_cast<int>(-taken))};
    return map(size, MAP_SHARED, file.get());
}

Result<SharedMemory> SharedMemory::map(size_t size, int flags, int fd) {
    void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, fd, 0);
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

Result<FreshPages> FreshPages::create(size_t count) {
    FreshPages pages;
    pages.page_size_ = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    const size_t size = count * pages.page_size_;
    void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ledger::count(ledger::Class::Event, data == MAP_FAILED ? -errno : 0, false);
    if (data == MAP_FAILED) return Error{errno, std::string("cannot map memory: ") + std::strerror(errno)};
    pages.data_ = static_cast<volatile char*>(data);
    pages.count_ = count;
    // A kernel without huge pages refuses, and has none.
    call(ledger::Class::Event, false, [&] { return ::madvise(data, size, MADV_NOHUGEPAGE); });
    return pages;
}

FreshPages::FreshPages(FreshPages&& other) noexcept { *this = std::move(other); }

FreshPages& FreshPages::operator=(FreshPages&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    std::swap(page_size_, other.page_size_);
    return *this;
}

FreshPages::~FreshPages() {
    if (data_ == nullptr) return;
    call(ledger::Class::Event, false, [&] { return ::munmap(const_cast<char*>(data_), count_ * page_size_); });
}

void FreshPages::giveBack() {
    call(ledger::Class::Event, false,
         [&] { return ::madvise(const_cast<char*>(data_), count_ * page_size_, MADV_DONTNEED); });
}

}  // namespace turnpike::os
