// site_slots.h - what a worker counts for each of its sites, in memory that it shares with the master. One writer;
// the master takes no lock and sees recent values.
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "sdk/plugin.h"

namespace turnpike::ledger {

/// How long something took: counts by buckets, four to each power of two of microseconds, so that a value is known
/// to within a quarter.
struct Times {
    static constexpr size_t kBuckets = 104;  // the last one: 58 s and more

    uint64_t count = 0, sum_us = 0;
    std::array<uint64_t, kBuckets> buckets{};

    void add(uint64_t us) {
        ++count;
        sum_us += us;
        ++buckets[bucketOf(us)];
    }
    void add(const Times& other);
    /// The value that so many of a hundred do not exceed, rounded up to its bucket's end; 0 when empty.
    uint64_t percentile(double percent) const;

    static constexpr size_t bucketOf(uint64_t us) {
        if (us < 4) return us;
        const auto shift = static_cast<size_t>(std::bit_width(us)) - 3;
        const size_t bucket = 4 * (shift + 1) + ((us >> shift) & 3);
        return bucket < kBuckets ? bucket : kBuckets - 1;
    }
    /// The largest value that a bucket takes; of the last one, which takes all that are larger, the smallest one.
    static constexpr uint64_t endOf(size_t bucket) {
        if (bucket < 4) return bucket;
        const size_t shift = bucket / 4 - 1;
        return ((uint64_t{4} + bucket % 4 + 1) << shift) - 1;
    }
};

struct SiteCounters {
    uint64_t requests = 0, status_2xx = 0, status_3xx = 0, status_4xx = 0, status_5xx = 0;
    uint64_t aborted = 0, bytes_received = 0, bytes_sent = 0;
};
struct SiteTimes {
    Times total;    // from the first byte of the request to its end
    Times queue;    // of those that waited for a backend: until they had it
    Times backend;  // from then until it began to answer
};

/// The slots of one worker, for sites in the order of the snapshot. The counters lie together: looking at them
/// touches few pages, and the times of a site that nobody asked for are not looked at.
class SiteSlots {
 public:
    SiteSlots() = default;
    /// `memory`: zeroed, sizeFor(count) bytes.
    SiteSlots(void* memory, size_t count)
        : counters_(static_cast<SiteCounters*>(memory)),
          times_(reinterpret_cast<SiteTimes*>(counters_ + count)),
          count_(count) {}
    static constexpr size_t sizeFor(size_t count) { return count * (sizeof(SiteCounters) + sizeof(SiteTimes)); }

    size_t count() const { return count_; }
    const SiteCounters& counters(size_t site) const { return counters_[site]; }
    const SiteTimes& times(size_t site) const { return times_[site]; }
    /// A request of the site has ended. Nothing when there are no slots.
    void add(size_t site, const tp_log_record& record);

 private:
    SiteCounters* counters_ = nullptr;
    SiteTimes* times_ = nullptr;
    size_t count_ = 0;
};

/// What all workers counted for one site.
struct SiteTotals {
    SiteCounters counters;
    SiteTimes times;

    void add(const SiteSlots& slots, size_t site);
};

}  // namespace turnpike::ledger
