// places.h - who may talk to a backend: a backend that answers `count` requests at once has `count` places, shared
// by all workers in memory that survives any of them.
//
// Lock-free, so that no death can leave a lock behind. A place is one word that names its holder; taking it is one
// compare-and-exchange, which takes and records in the same moment. What a dead worker held is therefore exactly
// what the master finds under its name. Who found no place sets its waiting bit and looks again; who gives one
// back looks for waiting bits afterwards. One of the two sees the other (both are sequentially consistent), so no
// wake-up is lost. A wake-up is a token: who gets it and leaves a place free passes it on. Who is refused also
// asks the holders, which may keep places that they do not use.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "net/loop.h"
#include "os/memory.h"
#include "server/worker.h"

namespace turnpike::process {

inline constexpr uint32_t kMostSeats = 512;     // workers of both generations
inline constexpr uint32_t kMostPlaces = 4096;   // of one backend
inline constexpr uint32_t kMostAccounts = 512;  // backends of both generations

/// The places of one backend. All zero is a valid, empty one.
struct PlaceAccount {
    static constexpr uint32_t kWords = kMostSeats / 64;

    std::atomic<uint32_t> count;
    std::atomic<uint32_t> is_down;                         // 1: it is supervised, and no process lives
    std::atomic<uint32_t> rotor;                           // where the search for a waiter begins
    std::array<std::atomic<uint64_t>, kWords> waiting;     // a bit a seat: was refused and not called yet
    std::array<std::atomic<uint64_t>, kWords> woken;       // its waker was used, it will call
    std::array<std::atomic<uint64_t>, kWords> asked;       // holds places that others wait for: it will look
    std::array<std::atomic<uint16_t>, kMostSeats> held;    // for fairness only; the owners are the truth
    std::array<std::atomic<uint16_t>, kMostPlaces> owner;  // seat + 1; 0: free
};
static_assert(std::atomic<uint64_t>::is_always_lock_free && std::atomic<uint16_t>::is_always_lock_free);

/// The shared table. The master makes it; forked workers use it through PlaceClient.
class PlaceTable {
 public:
    /// For `seats` workers, each with a waker.
    static Result<PlaceTable> create(uint32_t seats);

    /// The account numbers of a generation's backends, in their order. A backend that another generation has too
    /// keeps its account, so that both together hold no more than its places; and its size, until resize().
    Result<std::vector<uint32_t>> assign(uint32_t generation, const std::vector<server::BackendSpec>& backends,
                                         const std::string& runtime_folder);
    /// The generation serves: from now on its backends have as many places as it says.
    void resize(const std::vector<uint32_t>& accounts, const std::vector<server::BackendSpec>& backends) const;
    void forget(uint32_t generation);
    /// Whether a supervised backend has a process; by its folder.
    void setRunning(const std::string& folder, bool runs);
    /// The worker on `seat` has died: its places are free, and everybody who waits is woken, since it may have
    /// taken a wake-up with it.
    void reclaim(uint32_t seat);

    uint32_t seats() const { return static_cast<uint32_t>(wakers_.size()); }
    int waker(uint32_t seat) const { return wakers_[seat].get(); }
    PlaceAccount& account(uint32_t number) const { return static_cast<PlaceAccount*>(memory_.data())[number]; }
    /// How many places are held, how many workers wait; for `turnpike status`.
    uint32_t held(uint32_t number) const;
    uint32_t waiting(uint32_t number) const;

    /// Wakes the worker that waits and holds the fewest; `except` is left out (kMostSeats: nobody is).
    void wakeOne(uint32_t number, uint32_t except) const;
    /// Lets every worker but `seat` that holds places look whether it can spare one.
    void askHolders(uint32_t number, uint32_t seat) const;

 private:
    void wakeAll(PlaceAccount& account) const;

    os::SharedMemory memory_;
    std::vector<os::Fd> wakers_;
    std::map<std::string, uint32_t> numbers_;             // by folder or address
    std::map<uint32_t, std::vector<uint32_t>> assigned_;  // by generation
};

/// A worker's view. On the loop's thread.
class PlaceClient final : public server::PlaceService, private net::Source {
 public:
    /// `accounts`: the account of each backend, in the order of declaration.
    PlaceClient(const PlaceTable& table, uint32_t seat, const std::vector<uint32_t>& accounts);
    ~PlaceClient() override;

    int attach(net::EventLoop& loop) override;
    /// Refuses also when a place is free, but another worker waits that holds fewer, or holds none like this one
    /// and was passed over the last time.
    bool acquire(uint32_t backend) override;
    void release(uint32_t backend) override;
    bool wanted(uint32_t backend) override;
    bool isRunning(uint32_t backend) override;
    void onPlace(uint32_t backend, void (*changed)(void*), void* arg) override;

 private:
    /// The places of one account that this worker holds.
    struct Holding {
        uint32_t number;
        std::vector<uint16_t> places;
        uint32_t hint = 0;      // where a free one is likely
        uint64_t asked_ns = 0;  // when the holders were asked last
        size_t turn = 0;        // the user that is called first
    };
    /// A declaration. Several may share a holding: routes with the same backend.
    struct User {
        size_t holding;
        uint32_t held = 0;
        bool waits = false;       // was refused and not called yet
        bool was_wanted = false;  // it gave one back that others waited for: their turn
        bool is_due = false;      // to be called
        void (*changed)(void*) = nullptr;
        void* arg = nullptr;
    };
    void onEvent(uint32_t what, uint32_t share_milli) override;
    void callWoken();
    void callUsers(size_t holding, bool is_woken, bool is_asked);
    void callSelf();
    void wakeNext(const Holding& holding, PlaceAccount& account);
    bool take(User& user, Holding& holding, PlaceAccount& account);
    void refuse(User& user, Holding& holding, bool yields);
    bool othersWait(const PlaceAccount& account) const;
    template <class Rule>
    uint32_t countWaiters(const PlaceAccount& account, Rule rule) const;
    template <class Rule>
    uint32_t countSiblings(const User& user, Rule rule) const;
    bool mustYield(const User& user, const Holding& holding, bool was_wanted) const;
    uint32_t countFree(const PlaceAccount& account) const;
    void noteHeld(const Holding& holding, PlaceAccount& account);

    const PlaceTable& table_;
    uint32_t seat_, word_, words_;
    uint64_t bit_;
    std::vector<Holding> holdings_;
    std::vector<User> users_;  // by the number of the declaration
    net::EventLoop* loop_ = nullptr;
};

}  // namespace turnpike::process
