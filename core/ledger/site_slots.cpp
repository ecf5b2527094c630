#include "ledger/site_slots.h"

#include <cmath>

namespace turnpike::ledger {
namespace {

void addPhase(Times& to, int64_t from_us, int64_t to_us) {
    if (from_us >= 0 && to_us >= from_us) to.add(static_cast<uint64_t>(to_us - from_us));
}

}  // namespace

void Times::add(const Times& other) {
    count += other.count;
    sum_us += other.sum_us;
    for (size_t i = 0; i < kBuckets; ++i) buckets[i] += other.buckets[i];
}

uint64_t Times::percentile(double percent) const {
    uint64_t all = 0;  // not `count`, which a reader may see a moment earlier
    for (const uint64_t bucket : buckets) all += bucket;
    if (all == 0) return 0;
    auto left = static_cast<uint64_t>(std::ceil(static_cast<double>(all) * percent / 100));
    for (size_t i = 0; i < kBuckets; ++i) {
        if (buckets[i] >= left) return endOf(i);
        left -= buckets[i];
    }
    return endOf(kBuckets - 1);
}

void SiteSlots::add(size_t site, const tp_log_record& record) {
    if (site >= count_) return;
    SiteCounters& c = counters_[site];
    ++c.requests;
    c.aborted += record.aborted != 0 ? 1 : 0;
    c.bytes_received += record.bytes_received;
    c.bytes_sent += record.bytes_sent;
    uint64_t* const classes[] = {&c.status_2xx, &c.status_3xx, &c.status_4xx, &c.status_5xx};
    if (const uint32_t hundreds = record.status / 100; hundreds >= 2 && hundreds <= 5) ++*classes[hundreds - 2];
    SiteTimes& times = times_[site];
    addPhase(times.total, 0, record.total_us);
    addPhase(times.queue, record.phase_us[TP_PHASE_QUEUED], record.phase_us[TP_PHASE_CONNECTED]);
    addPhase(times.backend, record.phase_us[TP_PHASE_CONNECTED], record.phase_us[TP_PHASE_FIRST_BYTE]);
}

void SiteTotals::add(const SiteSlots& slots, size_t site) {
    const SiteCounters& c = slots.counters(site);
    if (c.requests == 0) return;
    counters.requests += c.requests;
    counters.status_2xx += c.status_2xx;
    counters.status_3xx += c.status_3xx;
    counters.status_4xx += c.status_4xx;
    counters.status_5xx += c.status_5xx;
    counters.aborted += c.aborted;
    counters.bytes_received += c.bytes_received;
    counters.bytes_sent += c.bytes_sent;
    times.total.add(slots.times(site).total);
    times.queue.add(slots.times(site).queue);
    times.backend.add(slots.times(site).backend);
}

}  // namespace turnpike::ledger
