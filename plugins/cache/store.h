// store.h - answers in memory that all workers share. One thread of each; see layout.h for how they get along.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "layout.h"
#include "sdk/services.h"

namespace turnpike::cache {

/// What an answer is made of, in the order in which it lies in the memory.
struct Parts {
    std::string_view label;   // its URL and its tags, see label.h
    std::string_view fields;  // see head.h
    std::string_view body;
};

/// One that was found, as it was then.
struct Found {
    uint32_t shard = 0, entry = kNone, block = kNone;
    uint64_t version = 0;
    Terms terms;
    Hash variant;
    std::string vary;
    uint32_t label_size = 0, fields_size = 0;
    uint64_t body_size = 0;
};

class Store {
 public:
    /// The largest answer, head and body, that memory of that size takes; 0: too little for anything.
    static uint64_t mostOf(uint64_t size);

    /// `shared`: declared with `size` bytes and at least kMostShards locks. `counts`: null for its own.
    Store(const tp_shared_service& service, tp_shared* shared, uint64_t size, Counts* counts = nullptr);

    /// Called under the lock: the variant that a request asks for when an answer varies by these.
    using VariantOf = std::function<Hash(std::string_view vary)>;
    /// Called under the lock: whether a notice after `seen` speaks of the answer with this label.
    using IsPurged = std::function<bool(uint64_t seen, std::string_view label)>;
    /// The latest of the answers that fit. Nothing also where the lock cannot be had in time.
    std::optional<Found> find(const Hash& primary, const VariantOf& variant_of, uint64_t notices,
                              const IsPurged& is_purged);

    /// Copies `size` bytes of label, fields and body, which follow one another. False: they are not what was found
    /// any more, and what was copied is worthless.
    bool read(const Found& found, uint64_t at, size_t size, char* to) const;
    /// Its bytes stay until then, whatever happens to the entry. False: too late.
    bool lease(const Found& found, uint64_t until_ns);

    /// How many unsafe requests have come for the target: of the moment when a request for it begins.
    uint64_t changes(const Hash& primary);
    struct Insertion {
        Hash primary, variant;
        std::string_view vary;
        Terms terms;
        uint64_t notice = 0;   // how many there were when the request began
        uint64_t changes = 0;  // as changes() said then
    };
    /// False: there is no room, the lock cannot be had, or the target was changed since.
    bool insert(const Insertion& what, const Parts& parts, uint64_t now_ns);
    /// All variants; what is being brought now is not stored either.
    void remove(const Hash& primary, uint64_t now_ns);

    enum class Turn : uint8_t {
        Mine,
        Others,  // a living worker brings it
        Free     // nobody needs to wait
    };
    /// `is_alive`: of another worker; called under the lock. A turn ends after `limit_ms`.
    Turn takeTurn(const Hash& key, uint32_t seat, uint32_t life, uint64_t now_ns, uint64_t limit_ms,
                  const std::function<bool(uint32_t seat, uint32_t life)>& is_alive);
    void endTurn(const Hash& key, uint32_t seat, uint32_t life);
    /// Answers to it are not stored: its requests wait for nobody until then.
    void pass(const Hash& key, uint64_t until_ns);
    /// A renewal has failed: the site is not asked for another one until then.
    void rest(const Hash& key, uint64_t until_ns);
    bool isResting(const Hash& key, uint64_t now_ns);

    Head& head() const { return *static_cast<Head*>(memory_); }
    Counts& counts() const { return counts_ != nullptr ? *counts_ : head().counts; }

 private:
    class Lock;

    char* base(uint32_t shard) const { return static_cast<char*>(memory_) + shards_at_ + shard * shard_bytes_; }
    Shard& shardOf(uint32_t shard) const { return *reinterpret_cast<Shard*>(base(shard)); }
    uint32_t indexOf(const Hash& primary) const { return static_cast<uint32_t>(primary.high % shards_); }
    Entry& entryOf(uint32_t shard, uint32_t number) const;
    uint32_t& bucketOf(uint32_t shard, const Hash& primary) const;
    uint32_t& nextOf(uint32_t shard, uint32_t block) const;
    char* blockOf(uint32_t shard, uint32_t block) const;

    void empty(uint32_t shard);
    bool isStillGood(uint32_t shard, Entry& entry, uint64_t notices, const IsPurged& is_purged) const;
    bool copyOut(uint32_t shard, uint32_t block, uint64_t at, size_t size, char* to) const;
    void unlink(uint32_t shard, uint32_t number, uint64_t now_ns);
    void giveBack(uint32_t shard, uint32_t number);
    uint32_t takeEntry(uint32_t shard, uint64_t now_ns);
    uint32_t takeBlocks(uint32_t shard, uint32_t count, uint64_t now_ns);
    bool evictOne(uint32_t shard, uint64_t now_ns);
    void copyIn(uint32_t shard, uint32_t block, const Parts& parts) const;
    void link(uint32_t shard, uint32_t number, uint32_t block, const Insertion& what, const Parts& parts);
    void makeWay(uint32_t shard, const Insertion& what, uint64_t now_ns);

    const tp_shared_service& service_;
    tp_shared* shared_;
    void* memory_;
    Counts* counts_;
    uint32_t shards_;
    uint64_t shards_at_, shard_bytes_;
    Division division_;
};

}  // namespace turnpike::cache
