#include "ledger/site_slots.h"

#include <gtest/gtest.h>

#include <vector>

namespace turnpike::ledger {
namespace {

TEST(Times, PutEveryValueIntoTheBucketThatEndsBehindIt) {
    for (size_t bucket = 0; bucket + 1 < Times::kBuckets; ++bucket) {
        EXPECT_EQ(Times::bucketOf(Times::endOf(bucket)), bucket);
        EXPECT_EQ(Times::bucketOf(Times::endOf(bucket) + 1), bucket + 1);
    }
    EXPECT_EQ(Times::bucketOf(UINT64_MAX), Times::kBuckets - 1);
}

TEST(Times, KnowPercentilesToWithinAQuarter) {
    Times times;
    EXPECT_EQ(times.percentile(50), 0u);
    for (uint64_t us = 1; us <= 1000; ++us) times.add(us);
    EXPECT_GE(times.percentile(50), 500u);
    EXPECT_LE(times.percentile(50), 625u);
    EXPECT_GE(times.percentile(99), 990u);
    EXPECT_LE(times.percentile(99), 1237u);
    EXPECT_EQ(times.sum_us, 500'500u);
    Times twice = times;
    twice.add(times);
    EXPECT_EQ(twice.count, 2000u);
    EXPECT_EQ(twice.percentile(50), times.percentile(50));
}

TEST(SiteSlots, CountARequestUnderItsSite) {
    std::vector<char> memory(SiteSlots::sizeFor(3));
    SiteSlots slots(memory.data(), 3);
    tp_log_record record{};
    record.status = 503;
    record.bytes_sent = 7;
    record.total_us = 900;
    for (auto& phase : record.phase_us) phase = -1;
    slots.add(2, record);
    record.phase_us[TP_PHASE_QUEUED] = 10;
    record.phase_us[TP_PHASE_CONNECTED] = 40;
    record.phase_us[TP_PHASE_FIRST_BYTE] = 140;
    record.status = 200;
    record.aborted = 1;
    slots.add(2, record);
    slots.add(3, record);  // there is none
    SiteTotals total;
    for (size_t site = 0; site < 3; ++site) total.add(slots, site);
    EXPECT_EQ(total.counters.requests, 2u);
    EXPECT_EQ(total.counters.status_5xx, 1u);
    EXPECT_EQ(total.counters.status_2xx, 1u);
    EXPECT_EQ(total.counters.aborted, 1u);
    EXPECT_EQ(total.counters.bytes_sent, 14u);
    EXPECT_EQ(total.times.total.count, 2u);
    EXPECT_EQ(total.times.queue.sum_us, 30u);
    EXPECT_EQ(total.times.backend.sum_us, 100u);
    EXPECT_EQ(slots.counters(1).requests, 0u);
}

TEST(SiteSlots, AreNothingWithoutMemory) {
    SiteSlots none;
    none.add(0, tp_log_record{});
    EXPECT_EQ(none.count(), 0u);
}

}  // namespace
}  // namespace turnpike::ledger
