// ticket_keys.h - the keys that session tickets are sealed with, in memory that the master makes and rotates and
// that all workers of all generations read: a client may come back to any of them. Nothing is kept of a session
// but what its ticket holds.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace turnpike::net {

/// A name that stands in the ticket, a key that encrypts it and one that authenticates it.
struct TicketKey {
    std::array<uint8_t, 16> name{};
    std::array<uint8_t, 32> cipher{}, mac{};
};

/// One writer, any number of readers in other processes, no lock that a dying process could hold. Zeroed memory is
/// an empty one.
struct TicketKeys {
    static constexpr size_t kKept = 2;  // the newest seals, all of them open
    static constexpr size_t kWords = sizeof(TicketKey) / sizeof(uint64_t);

    std::atomic<uint64_t> version;  // odd while the writer is at it
    std::atomic<uint64_t> count;
    std::atomic<uint64_t> words[kKept][kWords];

    /// `fresh` becomes the newest one; the oldest is forgotten.
    void rotate(const TicketKey& fresh);
    /// Number `age` counted from the newest; false: there is none, or it is being changed for longer than a copy
    /// takes.
    bool read(size_t age, TicketKey* to) const;
};

}  // namespace turnpike::net
