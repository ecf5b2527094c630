// histogram.h - how values are distributed, to three significant digits, in fixed memory. Log-linear: each power
// of two is cut into 1024 equal buckets, so a value is known to within 0.1 %. One thread; merge() joins several.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace turnpike {

class Histogram {
 public:
    /// For an hour of nanoseconds; takes 270 KiB.
    Histogram() : Histogram(uint64_t{1} << 42) {}
    /// Values above `highest` count as `highest`.
    explicit Histogram(uint64_t highest);

    void add(uint64_t value);
    /// Adds all that `other` holds; both must have been made with the same `highest`.
    void merge(const Histogram& other);
    void clear();

    uint64_t count() const { return count_; }
    /// 0 when empty. Exact, unlike the percentiles.
    uint64_t smallest() const { return count_ == 0 ? 0 : smallest_; }
    uint64_t largest() const { return largest_; }
    double mean() const;
    /// Standard deviation; each value counts as the middle of its bucket.
    double deviation() const;
    /// The value that `percent` (0 to 100) of all values do not exceed, rounded up to its bucket's end but never
    /// above largest(); 0 when empty.
    uint64_t percentile(double percent) const;

    struct Bucket {
        uint32_t index = 0;
        uint64_t count = 0;
    };
    /// All that it holds, to be written down.
    struct Content {
        uint64_t highest = 0, smallest = 0, largest = 0;
        double sum = 0;
        std::vector<Bucket> buckets;  // by index; only those that hold something
    };
    Content content() const;
    /// The histogram that has this content; nothing when its parts contradict each other. Takes only the memory
    /// that its largest value needs, until a larger one comes.
    static std::optional<Histogram> restore(const Content& content);
    /// The smallest and the largest value that a bucket takes.
    static uint64_t beginOf(size_t bucket) { return bucket == 0 ? 0 : endOf(bucket - 1) + 1; }
    static uint64_t endOf(size_t bucket);

 private:
    static constexpr unsigned kBits = 11;  // 2048 exact values, then 1024 buckets for each power of two
    static size_t bucketOf(uint64_t value);
    bool isConsistent() const;

    uint64_t highest_;
    std::vector<uint64_t> buckets_;
    uint64_t count_ = 0, smallest_ = UINT64_MAX, largest_ = 0;
    double sum_ = 0;
};

}  // namespace turnpike
