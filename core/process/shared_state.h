// shared_state.h - what the master shares with its processes, and who sits where in it. In the master.
#pragma once
#include <optional>
#include <vector>

#include "ledger/shared.h"
#include "net/ticket_keys.h"
#include "os/memory.h"
#include "process/places.h"
#include "process/shared_regions.h"
#include "process/site_totals.h"

namespace turnpike::process {

/// What the whole server did, over all workers that live or lived.
struct Totals {
    ledger::Account account;
    ledger::Counters counters{};
};

uint64_t valueOf(const ledger::Counters& counters, const ledger::CounterName& counter);

class SharedState {
 public:
    /// Seats for `seats` workers of all generations together.
    static Result<SharedState> create(uint32_t seats);

    ledger::WorkerSlot& slot(uint32_t seat) const { return static_cast<ledger::WorkerSlot*>(slots_.data())[seat]; }
    ledger::ChildrenSlot& children() const { return *static_cast<ledger::ChildrenSlot*>(children_.data()); }
    net::TicketKeys& tickets() const { return *static_cast<net::TicketKeys*>(tickets_.data()); }
    PlaceTable& places() { return places_; }
    const PlaceTable& places() const { return places_; }
    SharedRegions& regions() { return regions_; }

    /// A zeroed slot and its places; empty: all are taken.
    std::optional<uint32_t> takeSeat();
    /// Its worker has ended: what it counted stays in the totals, what it held is free.
    void leaveSeat(uint32_t seat);
    Totals totals() const;
    /// What workers counted for their sites and plugins that have ended.
    SiteTotals& goneSites() { return gone_sites_; }
    const SiteTotals& goneSites() const { return gone_sites_; }
    PluginTotals& gonePlugins() { return gone_plugins_; }
    const PluginTotals& gonePlugins() const { return gone_plugins_; }

 private:
    os::SharedMemory slots_, children_, tickets_;
    PlaceTable places_;
    SharedRegions regions_;
    std::vector<bool> taken_;
    Totals gone_;
    SiteTotals gone_sites_;
    PluginTotals gone_plugins_;
};

}  // namespace turnpike::process
