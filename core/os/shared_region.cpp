#include "os/shared_region.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace turnpike::os {

/// One writer, the master; readers see by the number, before and after, whether a place was written to meanwhile.
struct SharedRegion::Head {
    struct Notice {
        std::atomic<uint64_t> number;  // 0 while it is being written
        uint32_t size;
        char text[kMostNotice];
    };
    std::atomic<uint64_t> told;
    std::array<Notice, kNotices> ring;
};

Result<std::shared_ptr<SharedRegion>> SharedRegion::create(uint64_t size, uint32_t locks,
                                                           const std::string& folder) {
    auto head = SharedMemory::create(sizeof(Head) + sizeof(SharedLock) * locks);
    if (!head) return head.error();
    auto memory = folder.empty() ? SharedMemory::create(size) : SharedMemory::createOnDisk(size, folder);
    if (!memory) return memory.error();
    auto region = std::make_shared<SharedRegion>();
    region->lock_count_ = locks;
    region->head_ = std::move(*head);
    region->memory_ = std::move(*memory);
    for (uint32_t i = 0; i < locks; ++i) std::construct_at(region->locks() + i);
    return region;
}

SharedLock* SharedRegion::locks() const {
    return reinterpret_cast<SharedLock*>(static_cast<char*>(head_.data()) + sizeof(Head));
}

bool SharedRegion::tell(std::string_view text) {
    if (text.size() > kMostNotice) return false;
    const uint64_t number = head().told.load() + 1;
    Head::Notice& place = head().ring[number % kNotices];
    place.number.store(0);
    std::atomic_thread_fence(std::memory_order_release);
    place.size = static_cast<uint32_t>(text.size());
    std::memcpy(place.text, text.data(), text.size());
    place.number.store(number, std::memory_order_release);
    head().told.store(number);
    return true;
}

uint64_t SharedRegion::notices() const { return head().told.load(std::memory_order_acquire); }

int32_t SharedRegion::notice(uint64_t number, char* to, size_t size) const {
    const Head::Notice& place = head().ring[number % kNotices];
    if (number == 0 || place.number.load(std::memory_order_acquire) != number) return -ENOENT;
    const size_t length = std::min<size_t>(place.size, kMostNotice);
    if (length > size) return -EMSGSIZE;
    std::memcpy(to, place.text, length);
    std::atomic_thread_fence(std::memory_order_acquire);
    return place.number.load() == number ? static_cast<int32_t>(length) : -ENOENT;
}

}  // namespace turnpike::os
