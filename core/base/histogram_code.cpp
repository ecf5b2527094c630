#include "base/histogram_code.h"

#include <bit>

namespace turnpike {
namespace {

constexpr uint64_t kVersion = 1;

void put(std::string& to, uint64_t number) {
    for (; number >= 0x80; number >>= 7) to += static_cast<char>(number | 0x80);
    to += static_cast<char>(number);
}

/// Takes numbers off the front; once one is missing, all that follow are 0 and failed() says so.
class Reader {
 public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    uint64_t take() {
        uint64_t number = 0;
        for (unsigned shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
            auto byte = static_cast<uint8_t>(bytes_.front());
            bytes_.remove_prefix(1);
            uint64_t part = byte & 0x7f;
            if ((part << shift) >> shift != part) break;  // does not fit into 64 bits
            number |= part << shift;
            if (byte < 0x80) return number;
        }
        failed_ = true;
        bytes_ = {};
        return 0;
    }
    bool failed() const { return failed_; }
    bool atEnd() const { return bytes_.empty(); }

 private:
    std::string_view bytes_;
    bool failed_ = false;
};

Error refuse(const char* why) { return {EPROTO, std::string("not a histogram: ") + why}; }

}  // namespace

std::string encode(const Histogram& histogram) {
    Histogram::Content content = histogram.content();
    std::string bytes;
    put(bytes, kVersion);
    put(bytes, content.highest);
    put(bytes, content.smallest);
    put(bytes, content.largest);
    put(bytes, std::bit_cast<uint64_t>(content.sum));
    put(bytes, content.buckets.size());
    uint64_t next = 0;
    for (const Histogram::Bucket& bucket : content.buckets) {
        put(bytes, bucket.index - next);
        put(bytes, bucket.count);
        next = uint64_t{bucket.index} + 1;
    }
    return bytes;
}

Result<Histogram> decodeHistogram(std::string_view bytes) {
    Reader reader(bytes);
    if (reader.take() != kVersion) return refuse("it is of another version");
    Histogram::Content content;
    content.highest = reader.take();
    content.smallest = reader.take();
    content.largest = reader.take();
    content.sum = std::bit_cast<double>(reader.take());
    uint64_t next = 0;
    for (uint64_t left = reader.take(); left > 0 && !reader.failed(); --left) {
        uint64_t skipped = reader.take();
        if (skipped > UINT32_MAX - next) return refuse("a bucket lies beyond all values");
        next += skipped;
        content.buckets.push_back({static_cast<uint32_t>(next), reader.take()});
        ++next;
    }
    if (reader.failed()) return refuse("it is cut short");
    if (!reader.atEnd()) return refuse("more follows");
    auto made = Histogram::restore(content);
    if (!made) return refuse("its parts contradict each other");
    return std::move(*made);
}

}  // namespace turnpike
