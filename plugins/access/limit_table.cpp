#include "limit_table.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace turnpike::access {
namespace {

constexpr uint32_t kWays = 8;
constexpr uint64_t kPage = 4096, kJournalBytes = uint64_t{LimitTable::kJournal} * sizeof(uint32_t);
/// Locks are held for less than a microsecond: after this long somebody was stopped while it held one.
constexpr uint64_t kPatienceMs = 2;
constexpr uint64_t kReapEveryNs = 1'000'000'000;

uint32_t setsFor(uint64_t clients) {
    return static_cast<uint32_t>(std::bit_ceil(std::max<uint64_t>(clients / kWays, LimitTable::kShards)));
}

}  // namespace

struct LimitTable::Header {
    support::HashKey key;
    uint64_t has_key;
    uint32_t seats_used;  // journals from here on have never been written
};

struct LimitTable::Entry {
    uint64_t client;   // its hash; 0: free
    uint64_t paid_ns;  // when all that it asked so far is paid for, at one request a period
    uint32_t under_way;
    uint32_t reserved;
};

/// A shard's lock; not held when it was not to be had in time.
class LimitTable::Guard {
 public:
    Guard(LimitTable& table, uint32_t shard)
        : table_(table), shard_(shard), result_(table.service_.lock(table.shared_, shard, kPatienceMs)) {
        if (result_ == 1) table.recount(shard);  // its last holder died in the middle of something
    }
    ~Guard() {
        if (isHeld()) table_.service_.unlock(table_.shared_, shard_);
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    bool isHeld() const { return result_ >= 0; }

 private:
    LimitTable& table_;
    uint32_t shard_;
    int32_t result_;
};

uint64_t LimitTable::sizeFor(uint64_t clients) {
    return kPage + kSeats * kJournalBytes + uint64_t{setsFor(clients)} * kWays * sizeof(Entry);
}

LimitTable::LimitTable(const tp_shared_service& service, tp_shared* memory, uint64_t clients,
                       support::HashKey random)
    : service_(service),
      shared_(memory),
      sets_(setsFor(clients)),
      memory_(static_cast<char*>(service.memory(memory))) {
    if (memory_ == nullptr) throw std::runtime_error("the host gives no shared memory");
    takeKey(random);
    takeSeat();
    if (seat_ == kSeats) return;
    for (uint32_t place = kJournal; place-- > 0;) free_.push_back(place);
}

LimitTable::~LimitTable() {
    if (seat_ == kSeats) return;
    reap(seat_);
    service_.unlock(shared_, kShards + seat_);
}

uint32_t* LimitTable::journalOf(uint32_t seat) const {
    return reinterpret_cast<uint32_t*>(memory_ + kPage + seat * kJournalBytes);
}

LimitTable::Entry* LimitTable::setOf(uint32_t set) const {
    return reinterpret_cast<Entry*>(memory_ + kPage + kSeats * kJournalBytes) + uint64_t{set} * kWays;
}

/// The first worker brings the key for all of them.
void LimitTable::takeKey(support::HashKey random) {
    auto& header = *reinterpret_cast<Header*>(memory_);
    for (bool is_held = false; !is_held;) {  // there is no counting without it
        const Guard guard(*this, 0);
        is_held = guard.isHeld();
        if (is_held && header.has_key == 0) {
            header.key = random;
            header.has_key = 1;
        }
        key_ = header.key;
    }
}

/// Any that no living worker holds; what dead ones had under way comes back on the way.
void LimitTable::takeSeat() {
    auto& header = *reinterpret_cast<Header*>(memory_);
    for (uint32_t seat = 0; seat < kSeats; ++seat) {
        const int32_t result = service_.lock(shared_, kShards + seat, 0);
        if (result < 0) continue;
        std::atomic_ref<uint32_t> used(header.seats_used);
        if (result == 1) reap(seat);
        if (seat_ == kSeats)
            seat_ = seat;
        else
            service_.unlock(shared_, kShards + seat);
        uint32_t before = used.load();
        while (before <= seat_ && !used.compare_exchange_weak(before, seat_ + 1)) {
        }
        if (seat >= used.load()) return;  // nobody was ever here
    }
}

/// Its lock is held.
void LimitTable::reap(uint32_t seat) {
    uint32_t* journal = journalOf(seat);
    for (uint32_t i = 0; i < kJournal; ++i)
        for (int tries = 0; journal[i] != 0 && tries < 100 && !release(&journal[i]); ++tries) {
        }
}

/// At most once a second. True: it looked.
bool LimitTable::reapTheDead(uint64_t now_ns) {
    if (now_ns - reaped_ns_ < kReapEveryNs) return false;
    reaped_ns_ = now_ns;
    const uint32_t used = std::atomic_ref(reinterpret_cast<Header*>(memory_)->seats_used).load();
    for (uint32_t seat = 0; seat < used; ++seat) {
        if (seat == seat_) continue;
        const int32_t result = service_.lock(shared_, kShards + seat, 0);
        if (result == 1) reap(seat);
        if (result >= 0) service_.unlock(shared_, kShards + seat);
    }
    return true;
}

/// Takes an entry of a journal back. False: the lock was not to be had.
bool LimitTable::release(uint32_t* place) {
    const uint32_t index = *place - 1;
    const Guard guard(*this, index / kWays % kShards);
    if (!guard.isHeld()) return false;
    Entry& entry = setOf(index / kWays)[index % kWays];
    std::atomic_ref(*place).store(0);
    if (entry.under_way > 0) --entry.under_way;
    return true;
}

/// What the clients of a shard have under way, from what all workers noted. Its lock is held.
void LimitTable::recount(uint32_t shard) {
    for (uint32_t set = shard; set < sets_; set += kShards)
        for (uint32_t way = 0; way < kWays; ++way) setOf(set)[way].under_way = 0;
    const uint32_t used = std::atomic_ref(reinterpret_cast<Header*>(memory_)->seats_used).load();
    for (uint32_t seat = 0; seat < used; ++seat)
        for (uint32_t i = 0; i < kJournal; ++i) {
            const uint32_t noted = std::atomic_ref(journalOf(seat)[i]).load();
            const uint32_t set = (noted - 1) / kWays;
            if (noted != 0 && set < sets_ && set % kShards == shard) ++setOf(set)[(noted - 1) % kWays].under_way;
        }
}

/// The client's place among those of its set, which may be somebody else's that gives way to it; null when none
/// can. The shard's lock is held.
LimitTable::Entry* LimitTable::find(uint32_t set, uint64_t client) const {
    Entry* least = nullptr;
    for (Entry* entry = setOf(set); entry < setOf(set) + kWays; ++entry) {
        if (entry->client == client) return entry;
        if (entry->under_way == 0 && (least == nullptr || entry->paid_ns < least->paid_ns)) least = entry;
    }
    return least;
}

/// Notes in this worker's journal that the client has one more under way; kNothing when it is full.
uint32_t LimitTable::hold(Entry& entry, uint32_t index) {
    if (free_.empty()) return kNothing;
    const uint32_t place = free_.back();
    free_.pop_back();
    std::atomic_ref(journalOf(seat_)[place]).store(index + 1);
    ++entry.under_way;
    return place;
}

LimitTable::Answer LimitTable::ask(std::string_view client, const Limit& limit, uint64_t now_ns) {
    const support::HashKey other{~key_.k1, key_.k0};
    const auto set = static_cast<uint32_t>(support::keyedHash(other, client) % sets_);
    const uint64_t hash = support::keyedHash(key_, client) | 1;
    const Guard guard(*this, set % kShards);
    Entry* entry = guard.isHeld() ? find(set, hash) : nullptr;
    if (entry == nullptr) {
        ++uncounted_;
        return {};
    }
    const bool is_new = entry->client != hash;
    // The generic cell rate algorithm: a bucket of `burst` as one moment in time.
    const uint64_t paid_ns = std::max(is_new ? 0 : entry->paid_ns, now_ns);
    const uint64_t ahead_ns = limit.period_ns * (limit.burst - 1);
    if (!is_new && limit.at_once > 0 && entry->under_way >= limit.at_once) return {.verdict = Verdict::TooMany};
    if (limit.period_ns > 0 && paid_ns - now_ns > ahead_ns)
        return {.verdict = Verdict::TooOften, .wait_ns = paid_ns - now_ns - ahead_ns};
    if (is_new) *entry = {.client = hash, .paid_ns = 0, .under_way = 0, .reserved = 0};
    entry->paid_ns = paid_ns + limit.period_ns;
    Answer answer;
    if (limit.at_once > 0) {
        answer.held = hold(*entry, static_cast<uint32_t>(entry - setOf(0)));
        if (answer.held == kNothing) ++uncounted_;
    }
    return answer;
}

LimitTable::Answer LimitTable::enter(std::string_view client, const Limit& limit, uint64_t now_ns) {
    std::erase_if(owed_, [this](uint32_t place) {
        const bool is_back = release(&journalOf(seat_)[place]);
        if (is_back) free_.push_back(place);
        return is_back;
    });
    Answer answer = ask(client, limit, now_ns);
    // A worker that died may have had some of them.
    if (answer.verdict == Verdict::TooMany && reapTheDead(now_ns)) answer = ask(client, limit, now_ns);
    return answer;
}

void LimitTable::leave(uint32_t held) {
    if (held == kNothing) return;
    (release(&journalOf(seat_)[held]) ? free_ : owed_).push_back(held);
}

}  // namespace turnpike::access
