// limit_table.h - how often each client asked and how much it has under way, counted by all workers together in
// memory that they share. One of these for each worker; loop thread.
//
// Of bounded size, whatever the number of clients. Each client has one place among eight, which a hash with a
// random key chooses; when all eight are taken, the one that owes least gives way. An attacker with many addresses
// so wins nothing by crowding the table: whoever is over the limit owes most and stays, and who loses the place
// begins anew. A place with requests under way is never given away; where all eight have some, a newcomer is not
// counted: better than to refuse one who has done nothing.
//
// A worker may die at any moment, also while it holds a lock. What it has under way stands in a journal of its
// own; the counts of clients can be had from the journals, and are when a lock was left behind. A lock that each
// worker holds as long as it lives tells the others that its journal is nobody's any more.
#pragma once
#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sdk/services.h"
#include "sdk/support/keyed_hash.h"

namespace turnpike::access {

/// What one client may do. `period_ns`: one request in each, 0 for no limit; `burst`: that many at once.
/// `at_once`: requests under way, 0 for no limit.
struct Limit {
    uint64_t period_ns = 0, burst = 1;
    uint32_t at_once = 0;
};

class LimitTable {
 public:
    static constexpr uint32_t kShards = 64, kSeats = 256;
    static constexpr uint32_t kLocks = kShards + kSeats;
    /// Requests under way that one worker can have counted.
    static constexpr uint32_t kJournal = 4096;

    /// Bytes for at least `clients` of them.
    static uint64_t sizeFor(uint64_t clients);

    /// `memory`: zeroed when it is new, of sizeFor(clients) bytes, with kLocks locks. `random`: becomes the key of
    /// memory that has none yet.
    LimitTable(const tp_shared_service& service, tp_shared* memory, uint64_t clients, support::HashKey random);
    /// Gives back what is under way.
    ~LimitTable();
    LimitTable(const LimitTable&) = delete;
    LimitTable& operator=(const LimitTable&) = delete;

    enum class Verdict : uint8_t { Pass, TooOften, TooMany };
    static constexpr uint32_t kNothing = UINT32_MAX;
    struct Answer {
        Verdict verdict = Verdict::Pass;
        uint64_t wait_ns = 0;      // TooOften: until the next one may come
        uint32_t held = kNothing;  // what leave() wants to have back
    };
    /// `client`: any bytes. Whoever is refused is not counted.
    Answer enter(std::string_view client, const Limit& limit, uint64_t now_ns);
    void leave(uint32_t held);

    /// Requests that the table could not count: of workers beyond kSeats or kJournal, of newcomers to a full
    /// place, or because a lock was not to be had.
    uint64_t uncounted() const { return uncounted_; }

 private:
    struct Header;
    struct Entry;
    class Guard;

    uint32_t* journalOf(uint32_t seat) const;
    Entry* setOf(uint32_t set) const;
    void takeKey(support::HashKey random);
    void takeSeat();
    void reap(uint32_t seat);
    bool reapTheDead(uint64_t now_ns);
    bool release(uint32_t* place);
    void recount(uint32_t shard);
    uint32_t hold(Entry& entry, uint32_t index);
    Entry* find(uint32_t set, uint64_t client) const;
    Answer ask(std::string_view client, const Limit& limit, uint64_t now_ns);

    const tp_shared_service& service_;
    tp_shared* shared_;
    uint32_t sets_;
    char* memory_;
    support::HashKey key_;
    uint32_t seat_ = kSeats;             // kSeats: none was free
    std::vector<uint32_t> free_, owed_;  // of the journal: places to use, places whose lock was not to be had
    uint64_t uncounted_ = 0, reaped_ns_ = 0;
};

}  // namespace turnpike::access
