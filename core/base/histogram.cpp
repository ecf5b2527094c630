#include "base/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/assert.h"

namespace turnpike {
namespace {

constexpr uint64_t kMostHighest = uint64_t{1} << 48;  // what restore() believes: 320 KiB

}  // namespace

size_t Histogram::bucketOf(uint64_t value) {
    unsigned width = static_cast<unsigned>(std::bit_width(value));
    if (width <= kBits) return value;
    unsigned shift = width - kBits;
    return (size_t{shift} << (kBits - 1)) + (value >> shift);
}

uint64_t Histogram::endOf(size_t bucket) {
    if (bucket < (size_t{1} << kBits)) return bucket;
    size_t shift = (bucket >> (kBits - 1)) - 1;
    uint64_t mantissa = bucket - (shift << (kBits - 1));
    return ((mantissa + 1) << shift) - 1;
}

Histogram::Histogram(uint64_t highest) : highest_(highest), buckets_(bucketOf(highest) + 1) {}

void Histogram::add(uint64_t value) {
    value = std::min(value, highest_);
    const size_t bucket = bucketOf(value);
    if (bucket >= buckets_.size()) [[unlikely]]
        buckets_.resize(bucketOf(highest_) + 1);
    ++buckets_[bucket];
    ++count_;
    smallest_ = std::min(smallest_, value);
    largest_ = std::max(largest_, value);
    sum_ += static_cast<double>(value);
}

void Histogram::merge(const Histogram& other) {
    TP_ASSERT(highest_ == other.highest_);
    buckets_.resize(std::max(buckets_.size(), other.buckets_.size()));
    for (size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    smallest_ = std::min(smallest_, other.smallest_);
    largest_ = std::max(largest_, other.largest_);
    sum_ += other.sum_;
}

void Histogram::clear() { *this = Histogram(highest_); }

double Histogram::mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

double Histogram::deviation() const {
    if (count_ == 0) return 0;
    double sum = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
        if (buckets_[i] == 0) continue;
        double middle = (static_cast<double>(beginOf(i)) + static_cast<double>(endOf(i))) / 2;
        sum += static_cast<double>(buckets_[i]) * (middle - mean()) * (middle - mean());
    }
    return std::sqrt(sum / static_cast<double>(count_));
}

uint64_t Histogram::percentile(double percent) const {
    if (count_ == 0) return 0;
    // 99.9 % of 20000 is 19980 and not one more: what rounding adds is taken off before it is rounded up.
    double rank = std::clamp(percent, 0.0, 100.0) * static_cast<double>(count_) / 100 * (1 - 1e-12);
    auto wanted = std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(rank)));
    uint64_t seen = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
        seen += buckets_[i];
        if (seen >= wanted) return std::min(endOf(i), largest_);
    }
    return largest_;
}

Histogram::Content Histogram::content() const {
    Content content{highest_, smallest(), largest(), sum_, {}};
    for (size_t i = 0; i < buckets_.size(); ++i)
        if (buckets_[i] != 0) content.buckets.push_back({static_cast<uint32_t>(i), buckets_[i]});
    return content;
}

std::optional<Histogram> Histogram::restore(const Content& content) {
    if (content.highest > kMostHighest) return std::nullopt;
    Histogram made(0);
    made.highest_ = content.highest;
    const size_t most = bucketOf(content.highest) + 1;
    // Thousands of restored ones lie in memory at once, and few are added to.
    if (!content.buckets.empty()) made.buckets_.resize(std::min(most, size_t{content.buckets.back().index} + 1));
    size_t least_index = 0;
    for (const Bucket& bucket : content.buckets) {
        if (bucket.index < least_index || bucket.index >= made.buckets_.size()) return std::nullopt;
        if (bucket.count == 0 || bucket.count > UINT64_MAX - made.count_) return std::nullopt;
        made.buckets_[bucket.index] = bucket.count;
        made.count_ += bucket.count;
        least_index = size_t{bucket.index} + 1;
    }
    if (made.count_ == 0) return made;
    made.smallest_ = content.smallest;
    made.largest_ = content.largest;
    made.sum_ = content.sum;
    if (bucketOf(content.smallest) != content.buckets.front().index) return std::nullopt;
    if (bucketOf(content.largest) != content.buckets.back().index) return std::nullopt;
    return made.isConsistent() ? std::optional(std::move(made)) : std::nullopt;
}

bool Histogram::isConsistent() const {
    constexpr double kRounding = 1e-6;  // of a sum of as many doubles as there are requests
    double mean_value = mean();
    return smallest_ <= largest_ && largest_ <= highest_ &&
           mean_value >= static_cast<double>(smallest_) * (1 - kRounding) &&
           mean_value <= static_cast<double>(largest_) * (1 + kRounding);
}

}  // namespace turnpike
