#include "store.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

namespace turnpike::cache {
namespace {

constexpr uint64_t kLeastShard = uint64_t{1} << 20, kPage = 4096;
// Long for whoever waits, short for a worker that was stopped in the middle: then the answer is fetched anew.
constexpr uint64_t kLockMs = 20;
// A shard holds at least so many answers of the largest size.
constexpr uint64_t kLeastAnswers = 2;
// The hand passes so many that were used before it takes whoever is next.
constexpr uint32_t kPatience = 1024;

uint64_t headSize() { return (sizeof(Head) + kPage - 1) / kPage * kPage; }

uint32_t shardsOf(uint64_t size) {
    return static_cast<uint32_t>(std::clamp<uint64_t>(size / kLeastShard, 1, kMostShards));
}

uint64_t bytesOf(uint64_t size) {
    return size <= headSize() ? 0 : (size - headSize()) / shardsOf(size) / kPage * kPage;
}

uint32_t blocksFor(uint64_t bytes) { return static_cast<uint32_t>((bytes + kBlock - 1) / kBlock); }

}  // namespace

/// An entry for each four blocks: answers are a few KiB on the average.
Division::Division(uint64_t bytes) {
    constexpr uint64_t kFixed = sizeof(Shard) + 2 * kPage, kEach = kBlock + sizeof(uint32_t);
    constexpr uint64_t kFour = 4 * kEach + sizeof(Entry) + 2 * sizeof(uint32_t);
    if (bytes <= kFixed + kFour) return;
    entries = static_cast<uint32_t>((bytes - kFixed) / kFour);
    blocks = entries * 4;
    buckets = std::bit_floor(entries);
    entries_at = (sizeof(Shard) + 63) / 64 * 64;
    buckets_at = entries_at + uint64_t{entries} * sizeof(Entry);
    nexts_at = buckets_at + uint64_t{buckets} * sizeof(uint32_t);
    blocks_at = (nexts_at + uint64_t{blocks} * sizeof(uint32_t) + 63) / 64 * 64;
}

/// The shard's lock; a dead holder's shard is emptied before anybody looks at it.
class Store::Lock {
 public:
    Lock(Store& store, uint32_t shard)
        : store_(store), shard_(shard), held_(store.service_.lock(store.shared_, shard, kLockMs)) {
        if (isHeld() && (store_.head().doubts[shard_].exchange(0) != 0 || held_ == 1)) store_.empty(shard_);
    }
    ~Lock() {
        if (isHeld()) store_.service_.unlock(store_.shared_, shard_);
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    bool isHeld() const { return held_ >= 0; }

 private:
    Store& store_;
    uint32_t shard_;
    int32_t held_;
};

uint64_t Store::mostOf(uint64_t size) {
    const Division division(bytesOf(size));
    return uint64_t{division.blocks} * kBlock / kLeastAnswers;
}

Store::Store(const tp_shared_service& service, tp_shared* shared, uint64_t size, Counts* counts)
    : service_(service),
      shared_(shared),
      memory_(service.memory(shared)),
      counts_(counts),
      shards_(shardsOf(size)),
      shards_at_(headSize()),
      shard_bytes_(bytesOf(size)),
      division_(shard_bytes_) {}

Entry& Store::entryOf(uint32_t shard, uint32_t number) const {
    return reinterpret_cast<Entry*>(base(shard) + division_.entries_at)[number - 1];
}

uint32_t& Store::bucketOf(uint32_t shard, const Hash& primary) const {
    return reinterpret_cast<uint32_t*>(base(shard) + division_.buckets_at)[primary.low & (division_.buckets - 1)];
}

uint32_t& Store::nextOf(uint32_t shard, uint32_t block) const {
    return reinterpret_cast<uint32_t*>(base(shard) + division_.nexts_at)[block - 1];
}

char* Store::blockOf(uint32_t shard, uint32_t block) const {
    return base(shard) + division_.blocks_at + uint64_t{block - 1} * kBlock;
}

/// What readers hold of it is worthless from now on; the versions go on, so that nobody takes a later one for it.
void Store::empty(uint32_t shard) {
    Shard& s = shardOf(shard);
    for (uint32_t i = 1; i <= division_.entries; ++i) {
        Entry& entry = entryOf(shard, i);
        entry.version.fetch_add(1);
        entry.lease_ns = 0;
        entry.state = State::Free;
        entry.block = kNone;  // they are all free: nobody gives them back once more
    }
    std::atomic_thread_fence(std::memory_order_release);
    std::memset(static_cast<void*>(base(shard) + division_.buckets_at), 0, division_.buckets * sizeof(uint32_t));
    const auto changes = s.changes;
    s = {};
    s.changes = changes;
    for (uint64_t& count : s.changes) ++count;
    ++counts().emptied;
}

std::optional<Found> Store::find(const Hash& primary, const VariantOf& variant_of, uint64_t notices,
                                 const IsPurged& is_purged) {
    const uint32_t shard = indexOf(primary);
    const Lock lock(*this, shard);
    if (!lock.isHeld()) return {};
    std::string_view vary;
    Hash wanted;
    bool is_known = false;
    uint32_t best = kNone;
    for (uint32_t i = bucketOf(shard, primary), next = kNone; i != kNone; i = next) {
        Entry& entry = entryOf(shard, i);
        next = entry.next;
        if (!(entry.primary == primary)) continue;
        const std::string_view by(entry.vary, entry.vary_size);
        if (!is_known || by != vary) wanted = variant_of(vary = by);
        is_known = true;
        if (!(entry.variant == wanted)) continue;
        if (!isStillGood(shard, entry, notices, is_purged)) {
            unlink(shard, i, UINT64_MAX);
            ++counts().purged;
            is_known = false;  // its names may be gone
            continue;
        }
        if (best == kNone || entry.terms.since_ns > entryOf(shard, best).terms.since_ns) best = i;
    }
    if (best == kNone) return {};
    Entry& entry = entryOf(shard, best);
    entry.used.store(1, std::memory_order_relaxed);
    return Found{shard,
                 best,
                 entry.block,
                 entry.version.load(),
                 entry.terms,
                 entry.variant,
                 {entry.vary, entry.vary_size},
                 entry.label_size,
                 entry.fields_size,
                 entry.body_size};
}

bool Store::isStillGood(uint32_t shard, Entry& entry, uint64_t notices, const IsPurged& is_purged) const {
    if (entry.notice >= notices) return true;
    std::string label(entry.label_size, '\0');
    if (!copyOut(shard, entry.block, 0, label.size(), label.data()) || is_purged(entry.notice, label))
        return false;
    entry.notice = notices;
    return true;
}

/// Numbers are checked on the way: they may be changing. False: they were.
bool Store::copyOut(uint32_t shard, uint32_t block, uint64_t at, size_t size, char* to) const {
    for (; at >= kBlock; at -= kBlock) {
        if (block == kNone || block > division_.blocks) return false;
        block = nextOf(shard, block);
    }
    while (size > 0) {
        if (block == kNone || block > division_.blocks) return false;
        const size_t part = std::min<size_t>(size, kBlock - at);
        std::memcpy(to, blockOf(shard, block) + at, part);
        to += part;
        size -= part;
        at = 0;
        block = nextOf(shard, block);
    }
    return true;
}

bool Store::read(const Found& found, uint64_t at, size_t size, char* to) const {
    const bool is_copied = copyOut(found.shard, found.block, at, size, to);
    std::atomic_thread_fence(std::memory_order_acquire);
    return is_copied && entryOf(found.shard, found.entry).version.load() == found.version;
}

bool Store::lease(const Found& found, uint64_t until_ns) {
    const Lock lock(*this, found.shard);
    Entry& entry = entryOf(found.shard, found.entry);
    if (!lock.isHeld() || entry.version.load() != found.version) return false;
    if (entry.lease_ns < until_ns) entry.lease_ns = until_ns;
    return true;
}

/// Takes it out of the index; its blocks follow when nobody sends them any more. `now_ns` UINT64_MAX: not known.
void Store::unlink(uint32_t shard, uint32_t number, uint64_t now_ns) {
    Entry& entry = entryOf(shard, number);
    for (uint32_t* link = &bucketOf(shard, entry.primary); *link != kNone; link = &entryOf(shard, *link).next) {
        if (*link != number) continue;
        *link = entry.next;
        break;
    }
    --shardOf(shard).live;
    if (entry.lease_ns != 0 && (now_ns == UINT64_MAX || entry.lease_ns > now_ns))
        entry.state = State::Left;
    else
        giveBack(shard, number);
}

void Store::giveBack(uint32_t shard, uint32_t number) {
    Entry& entry = entryOf(shard, number);
    entry.version.fetch_add(1);
    std::atomic_thread_fence(std::memory_order_release);
    entry.state = State::Free;
    Shard& s = shardOf(shard);
    for (uint32_t block = entry.block, next = kNone; block != kNone; block = next) {
        next = nextOf(shard, block);
        nextOf(shard, block) = s.free_block;
        s.free_block = block;
        ++s.free_blocks;
    }
    entry.block = kNone;
    entry.next = s.free_entry;
    s.free_entry = number;
}

/// The clock: who was used since the hand came by gets another turn. False: all are being sent.
bool Store::evictOne(uint32_t shard, uint64_t now_ns) {
    Shard& s = shardOf(shard);
    for (uint32_t looked = 0; looked < 2 * s.fresh_entry; ++looked) {
        s.hand = s.hand >= s.fresh_entry ? 1 : s.hand + 1;
        Entry& entry = entryOf(shard, s.hand);
        if (entry.state == State::Free || entry.lease_ns > now_ns) continue;
        if (entry.state == State::Left) {
            giveBack(shard, s.hand);
            return true;
        }
        const bool is_dead = mayUse(entry.terms, {}, now_ns) == Use::No;
        if (!is_dead && looked < kPatience && entry.used.exchange(0, std::memory_order_relaxed) != 0) continue;
        unlink(shard, s.hand, now_ns);
        ++counts().evicted;
        return true;
    }
    return false;
}

uint32_t Store::takeEntry(uint32_t shard, uint64_t now_ns) {
    Shard& s = shardOf(shard);
    if (s.fresh_entry < division_.entries) return ++s.fresh_entry;
    for (int tries = 0; tries < 2; ++tries) {
        if (const uint32_t number = s.free_entry; number != kNone) {
            s.free_entry = entryOf(shard, number).next;
            return number;
        }
        if (!evictOne(shard, now_ns)) break;
    }
    return kNone;
}

/// A chain of so many, or none.
uint32_t Store::takeBlocks(uint32_t shard, uint32_t count, uint64_t now_ns) {
    Shard& s = shardOf(shard);
    while (s.free_blocks + (division_.blocks - s.fresh_block) < count)
        if (!evictOne(shard, now_ns)) return kNone;
    uint32_t first = kNone;
    for (uint32_t i = 0; i < count; ++i) {
        uint32_t block = s.free_block;
        if (block != kNone) {
            s.free_block = nextOf(shard, block);
            --s.free_blocks;
        } else {
            block = ++s.fresh_block;
        }
        nextOf(shard, block) = first;
        first = block;
    }
    return first;
}

/// The same variant leaves, and the oldest where there are too many.
void Store::makeWay(uint32_t shard, const Insertion& what, uint64_t now_ns) {
    uint32_t variants = 0, oldest = kNone;
    for (uint32_t i = bucketOf(shard, what.primary), next = kNone; i != kNone; i = next) {
        Entry& entry = entryOf(shard, i);
        next = entry.next;
        if (!(entry.primary == what.primary)) continue;
        if (entry.variant == what.variant && std::string_view(entry.vary, entry.vary_size) == what.vary) {
            unlink(shard, i, now_ns);
            continue;
        }
        ++variants;
        if (oldest == kNone || entry.terms.since_ns < entryOf(shard, oldest).terms.since_ns) oldest = i;
    }
    if (variants >= kMostVariants) unlink(shard, oldest, now_ns);
}

void Store::copyIn(uint32_t shard, uint32_t block, const Parts& parts) const {
    size_t at = 0;
    for (std::string_view part : {parts.label, parts.fields, parts.body}) {
        while (!part.empty()) {
            if (at == kBlock) block = nextOf(shard, block), at = 0;
            const size_t fits = std::min<size_t>(part.size(), kBlock - at);
            std::memcpy(blockOf(shard, block) + at, part.data(), fits);
            part.remove_prefix(fits);
            at += fits;
        }
    }
}

/// All its bytes are there: from now on it is found.
void Store::link(uint32_t shard, uint32_t number, uint32_t block, const Insertion& what, const Parts& parts) {
    Entry& entry = entryOf(shard, number);
    entry.primary = what.primary;
    entry.variant = what.variant;
    entry.terms = what.terms;
    entry.notice = what.notice;
    entry.label_size = static_cast<uint32_t>(parts.label.size());
    entry.fields_size = static_cast<uint32_t>(parts.fields.size());
    entry.body_size = parts.body.size();
    entry.block = block;
    entry.vary_size = static_cast<uint32_t>(what.vary.size());
    std::memcpy(entry.vary, what.vary.data(), what.vary.size());
    entry.lease_ns = 0;
    entry.used = 0;
    entry.state = State::Live;
    entry.version.fetch_add(1);
    uint32_t& bucket = bucketOf(shard, what.primary);
    entry.next = bucket;
    bucket = number;
    ++shardOf(shard).live;
}

bool Store::insert(const Insertion& what, const Parts& parts, uint64_t now_ns) {
    const uint64_t size = parts.label.size() + parts.fields.size() + parts.body.size();
    if (what.vary.size() > kMostVary || size == 0 || size > uint64_t{division_.blocks} * kBlock / kLeastAnswers)
        return false;
    const uint32_t shard = indexOf(what.primary);
    const Lock lock(*this, shard);
    if (!lock.isHeld() || shardOf(shard).changes[what.primary.low % kChanges] != what.changes) return false;
    makeWay(shard, what, now_ns);
    const uint32_t number = takeEntry(shard, now_ns);
    if (number == kNone) return false;
    const uint32_t first = takeBlocks(shard, blocksFor(size), now_ns);
    if (first == kNone) {
        giveBack(shard, number);
        return false;
    }
    copyIn(shard, first, parts);
    link(shard, number, first, what, parts);
    ++counts().stored;
    return true;
}

uint64_t Store::changes(const Hash& primary) {
    const uint32_t shard = indexOf(primary);
    const Lock lock(*this, shard);
    return lock.isHeld() ? shardOf(shard).changes[primary.low % kChanges] : UINT64_MAX;
}

void Store::remove(const Hash& primary, uint64_t now_ns) {
    const uint32_t shard = indexOf(primary);
    const Lock lock(*this, shard);
    if (!lock.isHeld()) {  // it must not be found again, so the whole shard goes
        head().doubts[shard] = 1;
        return;
    }
    ++shardOf(shard).changes[primary.low % kChanges];
    for (uint32_t i = bucketOf(shard, primary), next = kNone; i != kNone; i = next) {
        next = entryOf(shard, i).next;
        if (entryOf(shard, i).primary == primary) unlink(shard, i, now_ns);
    }
}

Store::Turn Store::takeTurn(const Hash& key, uint32_t seat, uint32_t life, uint64_t now_ns, uint64_t limit_ms,
                            const std::function<bool(uint32_t, uint32_t)>& is_alive) {
    const uint32_t shard = indexOf(key);
    const Lock lock(*this, shard);
    if (!lock.isHeld()) return Turn::Free;
    Shard& s = shardOf(shard);
    if (s.passes[key.low % kPasses].holds(key, now_ns)) return Turn::Free;
    const auto is_over = [&](const Filling& filling) {
        return filling.since_ns == 0 || now_ns >= filling.since_ns + limit_ms * 1'000'000;
    };
    Filling* place = nullptr;
    for (Filling& filling : s.fillings) {
        if (filling.since_ns != 0 && filling.key == key) {
            if (!is_over(filling) && is_alive(filling.seat, filling.life)) return Turn::Others;
            place = &filling;
            break;
        }
        if (place == nullptr && is_over(filling)) place = &filling;
    }
    if (place == nullptr) return Turn::Free;
    *place = {key, std::max<uint64_t>(now_ns, 1), seat, life};
    return Turn::Mine;
}

void Store::endTurn(const Hash& key, uint32_t seat, uint32_t life) {
    const uint32_t shard = indexOf(key);
    const Lock lock(*this, shard);
    if (!lock.isHeld()) return;  // it ends by itself
    for (Filling& filling : shardOf(shard).fillings)
        if (filling.key == key && filling.seat == seat && filling.life == life) filling = {};
}

void Store::pass(const Hash& key, uint64_t until_ns) {
    const uint32_t shard = indexOf(key);
    const Lock lock(*this, shard);
    if (lock.isHeld()) shardOf(shard).passes[key.low % kPasses] = {key, until_ns};
}

void Store::rest(const Hash& key, uint64_t until_ns) {
    const uint32_t shard = indexOf(key);
    const Lock lock(*this, shard);
    if (lock.isHeld()) shardOf(shard).rests[key.low % kRests] = {key, until_ns};
}

bool Store::isResting(const Hash& key, uint64_t now_ns) {
    const uint32_t shard = indexOf(key);
    const Lock lock(*this, shard);
    return lock.isHeld() && shardOf(shard).rests[key.low % kRests].holds(key, now_ns);
}

}  // namespace turnpike::cache
