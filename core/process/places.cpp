#include "process/places.h"

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "base/assert.h"
#include "base/clock.h"
#include "os/event.h"
#include "server/backend_path.h"

namespace turnpike::process {
namespace {
constexpr auto kRelaxed = std::memory_order_relaxed;
// Who goes on waiting asks that often.
constexpr uint64_t kAskAgainNs = 100'000'000;

bool hasBit(const std::array<std::atomic<uint64_t>, PlaceAccount::kWords>& bits, uint32_t seat) {
    return (bits[seat / 64].load() >> (seat % 64) & 1) != 0;
}

void clearBit(std::array<std::atomic<uint64_t>, PlaceAccount::kWords>& bits, uint32_t seat) {
    bits[seat / 64].fetch_and(~(uint64_t{1} << (seat % 64)));
}

/// False when it was set already.
bool setBit(std::array<std::atomic<uint64_t>, PlaceAccount::kWords>& bits, uint32_t seat) {
    uint64_t bit = uint64_t{1} << (seat % 64);
    return (bits[seat / 64].fetch_or(bit) & bit) == 0;
}
}  // namespace

Result<PlaceTable> PlaceTable::create(uint32_t seats) {
    TP_ASSERT(seats <= kMostSeats);
    auto memory = os::SharedMemory::create(sizeof(PlaceAccount) * kMostAccounts);
    if (!memory) return memory.error();
    PlaceTable table;
    table.memory_ = std::move(*memory);
    for (uint32_t i = 0; i < seats; ++i) {
        auto waker = os::makeWaker();
        if (!waker) return waker.error();
        table.wakers_.push_back(std::move(*waker));
    }
    return table;
}

Result<std::vector<uint32_t>> PlaceTable::assign(uint32_t generation,
                                                 const std::vector<server::BackendSpec>& backends,
                                                 const std::string& runtime_folder) {
    std::vector<uint32_t> numbers;
    for (const server::BackendSpec& spec : backends) {
        std::string key = spec.command.empty() ? spec.address : server::backendFolder(spec, runtime_folder);
        if (spec.count == 0 || spec.count > kMostPlaces)
            return Error{ERANGE, "backend " + spec.name + ": 1 to " + std::to_string(kMostPlaces) +
                                     " requests at once are possible, not " + std::to_string(spec.count)};
        std::set<uint32_t> used(numbers.begin(), numbers.end());
        for (const auto& [known, number] : numbers_) used.insert(number);
        uint32_t free = 0;
        while (used.contains(free)) ++free;
        if (free == kMostAccounts && !numbers_.contains(key)) return Error{ENOSPC, "more than 512 backends"};
        auto [entry, is_new] = numbers_.emplace(key, free);
        uint32_t number = entry->second;
        if (is_new) account(number).count.store(spec.count);
        if (is_new) account(number).is_down.store(0);
        numbers.push_back(number);
        assigned_[generation].push_back(number);
    }
    return numbers;
}

void PlaceTable::resize(const std::vector<uint32_t>& accounts,
                        const std::vector<server::BackendSpec>& backends) const {
    for (size_t i = 0; i < accounts.size(); ++i) {
        PlaceAccount& a = account(accounts[i]);
        if (a.count.exchange(backends[i].count) < backends[i].count) wakeAll(a);
    }
}

void PlaceTable::forget(uint32_t generation) {
    assigned_.erase(generation);
    std::set<uint32_t> used;
    for (const auto& [known, numbers] : assigned_) used.insert(numbers.begin(), numbers.end());
    std::erase_if(numbers_, [&](const auto& entry) { return !used.contains(entry.second); });
}

void PlaceTable::setRunning(const std::string& folder, bool runs) {
    if (auto known = numbers_.find(folder); known != numbers_.end())
        account(known->second).is_down.store(runs ? 0 : 1);
}

void PlaceTable::reclaim(uint32_t seat) {
    os::drain(waker(seat));
    for (const auto& [key, number] : numbers_) {
        PlaceAccount& a = account(number);
        for (auto& owner : a.owner) {
            auto dead = static_cast<uint16_t>(seat + 1);
            owner.compare_exchange_strong(dead, 0);
        }
        a.held[seat].store(0);
        clearBit(a.waiting, seat);
        clearBit(a.woken, seat);
        clearBit(a.asked, seat);
        wakeAll(a);
    }
}

void PlaceTable::wakeAll(PlaceAccount& a) const {
    for (uint32_t seat = 0; seat < seats(); ++seat) {
        if (!hasBit(a.waiting, seat)) continue;
        setBit(a.woken, seat);
        os::wake(waker(seat));
    }
}

void PlaceTable::wakeOne(uint32_t number, uint32_t except) const {
    PlaceAccount& a = account(number);
    uint32_t start = a.rotor.fetch_add(1, kRelaxed) % seats(), chosen = kMostSeats;
    for (uint32_t i = 0; i < seats(); ++i) {
        uint32_t seat = (start + i) % seats();
        if (seat == except || !hasBit(a.waiting, seat) || hasBit(a.woken, seat)) continue;
        if (chosen == kMostSeats || a.held[seat].load(kRelaxed) < a.held[chosen].load(kRelaxed)) chosen = seat;
    }
    if (chosen != kMostSeats && setBit(a.woken, chosen)) os::wake(waker(chosen));
}

void PlaceTable::askHolders(uint32_t number, uint32_t except) const {
    PlaceAccount& a = account(number);
    for (uint32_t seat = 0; seat < seats(); ++seat)
        if (seat != except && a.held[seat].load() > 0 && setBit(a.asked, seat)) os::wake(waker(seat));
}

uint32_t PlaceTable::held(uint32_t number) const {
    const auto& owners = account(number).owner;
    return static_cast<uint32_t>(
        std::count_if(owners.begin(), owners.end(), [](const auto& o) { return o != 0; }));
}

uint32_t PlaceTable::waiting(uint32_t number) const {
    int count = 0;
    for (const auto& word : account(number).waiting) count += std::popcount(word.load());
    return static_cast<uint32_t>(count);
}

PlaceClient::PlaceClient(const PlaceTable& table, uint32_t seat, const std::vector<uint32_t>& accounts)
    : table_(table),
      seat_(seat),
      word_(seat / 64),
      words_((table.seats() + 63) / 64),
      bit_(uint64_t{1} << (seat % 64)) {
    for (uint32_t number : accounts) {
        auto known = std::find_if(holdings_.begin(), holdings_.end(),
                                  [number](const Holding& holding) { return holding.number == number; });
        users_.push_back({static_cast<size_t>(known - holdings_.begin())});
        if (known != holdings_.end()) continue;
        holdings_.push_back({number, {}, seat});
        holdings_.back().places.reserve(table.account(number).count.load());
    }
}

PlaceClient::~PlaceClient() {
    if (loop_ != nullptr) loop_->remove(table_.waker(seat_), *this);
}

int PlaceClient::attach(net::EventLoop& loop) {
    int added = loop.add(table_.waker(seat_), os::kReadable, *this);
    if (added == 0) loop_ = &loop;
    return added;
}

void PlaceClient::onPlace(uint32_t backend, void (*changed)(void*), void* arg) {
    users_[backend].changed = changed;
    users_[backend].arg = arg;
}

void PlaceClient::noteHeld(const Holding& holding, PlaceAccount& account) {
    account.held[seat_].store(static_cast<uint16_t>(holding.places.size()));
}

bool PlaceClient::take(User& user, Holding& holding, PlaceAccount& account) {
    uint32_t count = account.count.load(kRelaxed);
    uint32_t at = holding.hint < count ? holding.hint : holding.hint % count;
    for (uint32_t i = 0; i < count; ++i, at = at + 1 == count ? 0 : at + 1) {
        uint16_t free = 0;
        if (account.owner[at].load() != 0 ||
            !account.owner[at].compare_exchange_strong(free, static_cast<uint16_t>(seat_ + 1)))
            continue;
        holding.places.push_back(static_cast<uint16_t>(at));
        noteHeld(holding, account);
        ++user.held;
        user.waits = false;
        return true;
    }
    return false;
}

uint32_t PlaceClient::countFree(const PlaceAccount& account) const {
    uint32_t count = account.count.load(kRelaxed), free = 0;
    for (uint32_t i = 0; i < count; ++i)
        if (account.owner[i].load() == 0) ++free;
    return free;
}

bool PlaceClient::othersWait(const PlaceAccount& account) const {
    for (uint32_t w = 0; w < words_; ++w)
        if ((account.waiting[w].load() & ~(w == word_ ? bit_ : 0)) != 0) return true;
    return false;
}

template <class Rule>
uint32_t PlaceClient::countWaiters(const PlaceAccount& account, Rule rule) const {
    if (!othersWait(account)) return 0;
    uint32_t count = 0;
    for (uint32_t seat = 0; seat < table_.seats(); ++seat)
        if (seat != seat_ && hasBit(account.waiting, seat) && rule(seat, account.held[seat].load(kRelaxed)))
            ++count;
    return count;
}

template <class Rule>
uint32_t PlaceClient::countSiblings(const User& user, Rule rule) const {
    return static_cast<uint32_t>(std::count_if(users_.begin(), users_.end(), [&](const User& other) {
        return &other != &user && other.holding == user.holding && rule(other);
    }));
}

/// One free place is for each who waits and holds fewer. Among those who hold none it goes round: who gave one
/// back for others would otherwise take it again before they are awake. One refusal each, so this ends.
bool PlaceClient::mustYield(const User& user, const Holding& holding, bool was_wanted) const {
    const PlaceAccount& account = table_.account(holding.number);
    uint32_t before = 0;
    if (size_t held = holding.places.size(); held > 0 || was_wanted)
        before =
            countWaiters(account, [&](uint32_t, size_t theirs) { return theirs < std::max<size_t>(held, 1); });
    if (user.held > 0 || was_wanted)
        before += countSiblings(
            user, [&](const User& other) { return other.waits && other.held < std::max(user.held, 1u); });
    return before > 0 && countFree(account) <= before;
}

/// After its waiting bit is set everything is looked at once more: whoever it yields to sees the bit and passes
/// the wake-up on.
bool PlaceClient::acquire(uint32_t which) {
    User& user = users_[which];
    Holding& holding = holdings_[user.holding];
    PlaceAccount& account = table_.account(holding.number);
    bool was_wanted = std::exchange(user.was_wanted, false);
    if (!mustYield(user, holding, was_wanted) && take(user, holding, account)) return true;
    bool is_news = setBit(account.waiting, seat_);
    bool yields = mustYield(user, holding, was_wanted);
    if (!yields && take(user, holding, account)) {
        if (is_news) clearBit(account.waiting, seat_);
        return true;
    }
    refuse(user, holding, yields);
    return false;
}

void PlaceClient::refuse(User& user, Holding& holding, bool yields) {
    PlaceAccount& account = table_.account(holding.number);
    bool is_starving = !std::exchange(user.waits, true) && user.held == 0;
    if (yields && countFree(account) > 0)
        return othersWait(account) ? table_.wakeOne(holding.number, seat_) : wakeNext(holding, account);
    uint64_t now = monotonicNs();
    if (!is_starving && now - holding.asked_ns < kAskAgainNs) return;
    holding.asked_ns = now;
    table_.askHolders(holding.number, seat_);
    if (countSiblings(user, [](const User& other) { return other.held > 0; }) > 0 && setBit(account.asked, seat_))
        callSelf();
}

void PlaceClient::release(uint32_t which) {
    User& user = users_[which];
    Holding& holding = holdings_[user.holding];
    PlaceAccount& account = table_.account(holding.number);
    TP_ASSERT(user.held > 0 && !holding.places.empty());
    uint16_t place = holding.places.back();
    holding.places.pop_back();
    holding.hint = place;
    noteHeld(holding, account);
    --user.held;
    account.owner[place].store(0);
    user.was_wanted =
        othersWait(account) || countSiblings(user, [](const User& other) { return other.waits; }) > 0;
    if (user.was_wanted) holding.turn = which + 1;
    wakeNext(holding, account);
}

void PlaceClient::callSelf() {
    loop_->later([](void* self) { static_cast<PlaceClient*>(self)->callWoken(); }, this);
}

/// Waking oneself takes no crossing.
void PlaceClient::wakeNext(const Holding& holding, PlaceAccount& account) {
    if (othersWait(account)) return table_.wakeOne(holding.number, kMostSeats);
    if ((account.waiting[word_].load() & bit_) == 0 || !setBit(account.woken, seat_)) return;
    callSelf();
}

/// By somebody who has none, or would with one more still hold fewer. Who was woken already gets the place that it
/// was woken for.
bool PlaceClient::wanted(uint32_t which) {
    const User& user = users_[which];
    if (user.held == 0) return false;
    const Holding& holding = holdings_[user.holding];
    const PlaceAccount& account = table_.account(holding.number);
    auto has_less = [](size_t theirs, size_t ours) { return theirs == 0 || theirs + 1 < ours; };
    return countWaiters(account,
                        [&](uint32_t seat, size_t theirs) {
                            return !hasBit(account.woken, seat) && has_less(theirs, holding.places.size());
                        }) > 0 ||
           (!hasBit(account.woken, seat_) && countSiblings(user, [&](const User& other) {
                                                 return other.waits && has_less(other.held, user.held);
                                             }) > 0);
}

bool PlaceClient::isRunning(uint32_t which) {
    return table_.account(holdings_[users_[which].holding].number).is_down.load(kRelaxed) == 0;
}

void PlaceClient::onEvent(uint32_t, uint32_t) {
    os::drain(table_.waker(seat_));
    callWoken();
}

void PlaceClient::callWoken() {
    for (size_t i = 0; i < holdings_.size(); ++i) {
        PlaceAccount& account = table_.account(holdings_[i].number);
        bool is_woken = hasBit(account.woken, seat_), is_asked = hasBit(account.asked, seat_);
        if (!is_woken && !is_asked) continue;
        if (is_asked) clearBit(account.asked, seat_);
        if (is_woken) clearBit(account.waiting, seat_);
        if (is_woken) clearBit(account.woken, seat_);
        callUsers(i, is_woken, is_asked);
        if (othersWait(account) && countFree(account) > 0) table_.wakeOne(holdings_[i].number, seat_);
    }
}

void PlaceClient::callUsers(size_t holding, bool is_woken, bool is_asked) {
    for (User& user : users_) {
        if (user.holding != holding) continue;
        bool has_waited = is_woken && std::exchange(user.waits, false);
        user.is_due = has_waited || (is_asked && user.held > 0);
    }
    size_t first = holdings_[holding].turn;
    for (size_t i = 0; i < users_.size(); ++i) {
        User& user = users_[(first + i) % users_.size()];
        if (user.holding == holding && std::exchange(user.is_due, false) && user.changed != nullptr)
            user.changed(user.arg);
    }
}

}  // namespace turnpike::process
