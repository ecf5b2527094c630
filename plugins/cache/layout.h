// layout.h - how the shared memory of a store is divided. Every process sees the same: nothing here is a pointer,
// and all zero is an empty store.
//
// Shards share nothing, each with a lock of its own. In a shard an entry is what an answer is known by; its bytes
// lie in a chain of blocks. Readers copy them without the lock and look at the entry's version before and after:
// whoever gives blocks away counts it up first. No entry is in the index before all its bytes are there, and a
// shard whose lock was found with a dead holder is emptied.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "freshness.h"
#include "key.h"

namespace turnpike::cache {

/// Part of the memory's name: a reload that loads another build of this plugin with another layout gets new
/// memory. Counted up with every change below, also of Terms.
#define CACHE_LAYOUT "3"

inline constexpr uint32_t kBlock = 1024, kNone = 0;  // numbers of entries and blocks begin with 1
inline constexpr size_t kMostVary = 128;
inline constexpr uint32_t kMostVariants = 16;  // of one target: who varies by more is not worth the memory
inline constexpr uint32_t kFillings = 64, kPasses = 256, kRests = 64, kChanges = 256;

enum class State : uint32_t {
    Free,
    Live,
    Left  // replaced or purged while somebody was sending it: its blocks stay until the lease is over
};

struct Entry {
    std::atomic<uint64_t> version;   // of the bytes
    std::atomic<uint64_t> lease_ns;  // until then it is being sent, and its bytes stay
    std::atomic<uint32_t> used;      // since the hand passed it
    State state;
    Hash primary, variant;
    Terms terms;
    uint64_t notice;  // all notices up to this one have been looked at
    uint64_t body_size;
    uint32_t label_size, fields_size;
    uint32_t next;   // of the same bucket
    uint32_t block;  // the first
    uint32_t vary_size;
    char vary[kMostVary];
};

static_assert(sizeof(Entry) == 288, "another layout has another number");

/// A request brings an answer, others wait for it.
struct Filling {
    Hash key;
    uint64_t since_ns;
    uint32_t seat, life;  // who, see presence.h
};

/// Something that holds of a target until then.
struct Mark {
    Hash key;
    uint64_t until_ns;

    bool holds(const Hash& of, uint64_t now_ns) const { return key == of && until_ns > now_ns; }
};

struct Shard {
    uint32_t hand;                      // of the clock: the entry that is looked at next
    uint32_t fresh_entry, fresh_block;  // so many were ever used
    uint32_t free_entry, free_block;    // the first of those that were given back
    uint32_t free_blocks;               // how many of them
    uint32_t live;
    std::array<Filling, kFillings> fillings;
    std::array<Mark, kPasses> passes;        // answers that may not be stored: nobody waits for the next one
    std::array<Mark, kRests> rests;          // renewals that failed: nobody begins the next one yet
    std::array<uint64_t, kChanges> changes;  // unsafe requests, by the target's hash
};

inline constexpr uint32_t kMostShards = 16;
inline constexpr uint32_t kSeats = 512;  // workers of all generations, see core's limit

/// In the order of kCounters.
struct Counts {
    std::atomic<uint64_t> hits, stale, misses, passed;  // answers: stored ones, past their time, new ones, others
    std::atomic<uint64_t> stored, evicted, purged,
        emptied;                      // what was stored, and parts of the memory that were lost
    std::atomic<uint64_t> confirmed;  // stored ones that the site called as good as new
};
inline constexpr tp_str kCounters[] = {{"hits", 4},   {"stale", 5},   {"misses", 6},
                                       {"passed", 6}, {"stored", 6},  {"evicted", 7},
                                       {"purged", 6}, {"emptied", 7}, {"confirmed", 9}};
static_assert(sizeof(Counts) == std::size(kCounters) * sizeof(uint64_t));

/// At the beginning of the memory.
struct Head {
    Counts counts;
    std::array<std::atomic<uint32_t>, kSeats> lives;        // how many workers have sat there
    std::array<std::atomic<uint32_t>, kMostShards> doubts;  // to be emptied by whoever gets the lock next
};

/// Where the parts of a shard are. `bytes`: of the shard.
struct Division {
    explicit Division(uint64_t bytes);

    uint32_t entries = 0, blocks = 0, buckets = 0;  // buckets: a power of two
    uint64_t entries_at = 0, buckets_at = 0, nexts_at = 0, blocks_at = 0;
    bool isUsable() const { return blocks > 0; }
};

}  // namespace turnpike::cache
