#include "process/places.h"

#include <algorithm>
#include <bit>
#include <set>

#include "base/assert.h"
#include "os/event.h"
#include "server/backend_path.h"

namespace turnpike::process {
namespace {
constexpr auto kRelaxed = std::memory_order_relaxed;

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

/// Each interested worker's part of the places; 0: there are fewer places than workers that want one.
uint32_t shareOf(const PlaceAccount& account, uint32_t seats) {
    uint32_t interested = 0;
    for (uint32_t seat = 0; seat < seats; ++seat)
        if (account.held[seat].load(kRelaxed) > 0 || hasBit(account.waiting, seat)) ++interested;
    return account.count.load(kRelaxed) / std::max(1u, interested);
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
        std::string key =
            spec.command.empty() ? spec.address + " " + spec.name : server::backendFolder(spec, runtime_folder);
        if (spec.count == 0 || spec.count > kMostPlaces)
            return Error{ERANGE, "backend " + spec.name + ": 1 to " + std::to_string(kMostPlaces) +
                                     " requests at once are possible, not " + std::to_string(spec.count)};
        std::set<uint32_t> used(numbers.begin(), numbers.end());
        for (const auto& [known, number] : numbers_) used.insert(number);
        uint32_t free = 0;
        while (used.contains(free)) ++free;
        if (free == kMostAccounts && !numbers_.contains(key)) return Error{ENOSPC, "more than 512 backends"};
        uint32_t number = numbers_.emplace(key, free).first->second;
        account(number).count.store(spec.count);
        numbers.push_back(number);
        assigned_[generation].push_back(number);
    }
    return numbers;
}

void PlaceTable::forget(uint32_t generation) {
    assigned_.erase(generation);
    std::set<uint32_t> used;
    for (const auto& [known, numbers] : assigned_) used.insert(numbers.begin(), numbers.end());
    std::erase_if(numbers_, [&](const auto& entry) { return !used.contains(entry.second); });
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

void PlaceTable::wakeHolders(uint32_t number, uint32_t share) const {
    PlaceAccount& a = account(number);
    for (uint32_t seat = 0; seat < seats(); ++seat)
        if (a.held[seat].load(kRelaxed) > share && setBit(a.woken, seat)) os::wake(waker(seat));
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
        backends_.push_back({number, {}, seat});
        backends_.back().places.reserve(table.account(number).count.load());
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
    backends_[backend].changed = changed;
    backends_[backend].arg = arg;
}

void PlaceClient::noteHeld(const Backend& backend, PlaceAccount& account) {
    account.held[seat_].store(static_cast<uint16_t>(backend.places.size()), kRelaxed);
}

bool PlaceClient::take(Backend& backend, PlaceAccount& account) {
    uint32_t count = account.count.load(kRelaxed);
    uint32_t at = backend.hint < count ? backend.hint : backend.hint % count;
    for (uint32_t i = 0; i < count; ++i, at = at + 1 == count ? 0 : at + 1) {
        uint16_t free = 0;
        if (account.owner[at].load() != 0 ||
            !account.owner[at].compare_exchange_strong(free, static_cast<uint16_t>(seat_ + 1)))
            continue;
        backend.places.push_back(static_cast<uint16_t>(at));
        noteHeld(backend, account);
        return true;
    }
    return false;
}

bool PlaceClient::hasFree(const PlaceAccount& account) const {
    uint32_t count = account.count.load(kRelaxed);
    for (uint32_t i = 0; i < count; ++i)
        if (account.owner[i].load() == 0) return true;
    return false;
}

bool PlaceClient::othersWait(const PlaceAccount& account) const {
    for (uint32_t w = 0; w < words_; ++w)
        if ((account.waiting[w].load() & ~(w == word_ ? bit_ : 0)) != 0) return true;
    return false;
}

/// With `held` places this worker would have more than its share, while another one waits for its own.
bool PlaceClient::mustYield(const Backend& backend, const PlaceAccount& account, size_t held) const {
    if (!othersWait(account)) return false;
    uint32_t share = std::max(1u, shareOf(account, table_.seats()));
    if (held <= share) return false;
    for (uint32_t seat = 0; seat < table_.seats(); ++seat)
        if (seat != seat_ && hasBit(account.waiting, seat) && account.held[seat].load(kRelaxed) < share)
            return true;
    return false;
}

/// With more workers than places one alone is too many for who does not use it: somebody waits and has none.
bool PlaceClient::isScarce(const PlaceAccount& account) const {
    if (!othersWait(account) || shareOf(account, table_.seats()) > 0 || hasFree(account)) return false;
    for (uint32_t seat = 0; seat < table_.seats(); ++seat)
        if (seat != seat_ && hasBit(account.waiting, seat) && account.held[seat].load(kRelaxed) == 0) return true;
    return false;
}

bool PlaceClient::acquire(uint32_t which) {
    Backend& backend = backends_[which];
    PlaceAccount& account = table_.account(backend.number);
    if (mustYield(backend, account, backend.places.size() + 1)) {
        setBit(account.waiting, seat_);
        if (hasFree(account)) table_.wakeOne(backend.number, seat_);
        return false;
    }
    if (take(backend, account)) return true;
    bool first = setBit(account.waiting, seat_);
    if (!take(backend, account)) {
        // Whoever keeps idle connections would not look again by itself.
        uint32_t share = shareOf(account, table_.seats());
        if (first && backend.places.size() < std::max(1u, share)) table_.wakeHolders(backend.number, share);
        return false;
    }
    if (first) clearBit(account.waiting, seat_);
    return true;
}

void PlaceClient::release(uint32_t which) {
    Backend& backend = backends_[which];
    PlaceAccount& account = table_.account(backend.number);
    TP_ASSERT(!backend.places.empty());
    uint16_t place = backend.places.back();
    backend.places.pop_back();
    backend.hint = place;
    noteHeld(backend, account);
    account.owner[place].store(0);
    wakeNext(backend.number, account);
}

/// Waking oneself takes no crossing.
void PlaceClient::wakeNext(uint32_t number, PlaceAccount& account) {
    if (othersWait(account)) return table_.wakeOne(number, kMostSeats);
    if ((account.waiting[word_].load() & bit_) == 0 || !setBit(account.woken, seat_)) return;
    loop_->later([](void* self) { static_cast<PlaceClient*>(self)->callWoken(); }, this);
}

bool PlaceClient::wanted(uint32_t which) {
    const Backend& backend = backends_[which];
    const PlaceAccount& account = table_.account(backend.number);
    return mustYield(backend, account, backend.places.size()) || isScarce(account);
}

void PlaceClient::onEvent(uint32_t, uint32_t) {
    os::drain(table_.waker(seat_));
    callWoken();
}

void PlaceClient::callWoken() {
    for (Backend& backend : backends_) {
        PlaceAccount& account = table_.account(backend.number);
        if (!hasBit(account.woken, seat_)) continue;
        clearBit(account.waiting, seat_);
        clearBit(account.woken, seat_);
        if (backend.changed != nullptr) backend.changed(backend.arg);
        if (othersWait(account) && hasFree(account)) table_.wakeOne(backend.number, seat_);
    }
}

}  // namespace turnpike::process
