#include "net/ticket_keys.h"

#include <algorithm>
#include <cstring>

namespace turnpike::net {

static_assert(sizeof(TicketKey) == TicketKeys::kWords * sizeof(uint64_t));
static_assert(std::atomic<uint64_t>::is_always_lock_free);

void TicketKeys::rotate(const TicketKey& fresh) {
    uint64_t plain[kWords];
    std::memcpy(plain, &fresh, sizeof plain);
    const uint64_t before = version.load(std::memory_order_relaxed);
    version.store(before + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    for (size_t key = kKept - 1; key > 0; --key)
        for (size_t i = 0; i < kWords; ++i)
            words[key][i].store(words[key - 1][i].load(std::memory_order_relaxed), std::memory_order_relaxed);
    for (size_t i = 0; i < kWords; ++i) words[0][i].store(plain[i], std::memory_order_relaxed);
    count.store(std::min<uint64_t>(count.load(std::memory_order_relaxed) + 1, kKept), std::memory_order_relaxed);
    version.store(before + 2, std::memory_order_release);
}

bool TicketKeys::read(size_t age, TicketKey* to) const {
    constexpr int kTries = 100;
    for (int i = 0; i < kTries; ++i) {
        const uint64_t before = version.load(std::memory_order_acquire);
        uint64_t plain[kWords];
        const uint64_t known = count.load(std::memory_order_relaxed);
        for (size_t at = 0; at < kWords && age < known; ++at)
            plain[at] = words[age][at].load(std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_acquire);
        if (before % 2 != 0 || version.load(std::memory_order_relaxed) != before) continue;
        if (age >= known) return false;
        std::memcpy(to, plain, sizeof plain);
        return true;
    }
    return false;
}

}  // namespace turnpike::net
