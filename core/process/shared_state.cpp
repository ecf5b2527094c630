#include "process/shared_state.h"

#include <cstring>
#include <memory>

namespace turnpike::process {
namespace {

uint64_t* find(ledger::Counters& counters, const ledger::CounterName& counter) {
    return reinterpret_cast<uint64_t*>(reinterpret_cast<char*>(&counters) + counter.offset);
}

void addTo(Totals& totals, const ledger::WorkerSlot& slot, bool gauges) {
    totals.account.add(slot.account);
    for (const auto& counter : ledger::kCounters)
        if (gauges || !counter.is_gauge) *find(totals.counters, counter) += valueOf(slot.counters, counter);
    for (size_t i = 0; gauges && i < ledger::kConnectionStates; ++i)
        totals.counters.in_state[i] += slot.counters.in_state[i];
}

}  // namespace

uint64_t valueOf(const ledger::Counters& counters, const ledger::CounterName& counter) {
    uint64_t value;
    std::memcpy(&value, reinterpret_cast<const char*>(&counters) + counter.offset, sizeof value);
    return value;
}

Result<SharedState> SharedState::create(uint32_t seats) {
    auto slots = os::SharedMemory::create(sizeof(ledger::WorkerSlot) * seats);
    if (!slots) return slots.error();
    auto children = os::SharedMemory::create(sizeof(ledger::ChildrenSlot));
    if (!children) return children.error();
    auto tickets = os::SharedMemory::create(sizeof(net::TicketKeys));
    if (!tickets) return tickets.error();
    auto places = PlaceTable::create(seats);
    if (!places) return places.error();
    SharedState state;
    state.slots_ = std::move(*slots);
    state.children_ = std::move(*children);
    state.tickets_ = std::move(*tickets);
    state.places_ = std::move(*places);
    state.taken_.resize(seats);
    return state;
}

std::optional<uint32_t> SharedState::takeSeat() {
    for (uint32_t seat = 0; seat < taken_.size(); ++seat) {
        if (taken_[seat]) continue;
        taken_[seat] = true;
        std::construct_at(&slot(seat));
        return seat;
    }
    return {};
}

void SharedState::leaveSeat(uint32_t seat) {
    addTo(gone_, slot(seat), false);
    places_.reclaim(seat);
    taken_[seat] = false;
}

Totals SharedState::totals() const {
    Totals sum = gone_;
    for (uint32_t seat = 0; seat < taken_.size(); ++seat)
        if (taken_[seat]) addTo(sum, slot(seat), true);
    return sum;
}

}  // namespace turnpike::process
