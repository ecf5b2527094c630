// stream_order.h - which streams of an HTTP/2 client were passed over: each must have a larger number than all
// before it, and those between are closed without having been used (RFC 9113 section 5.1.1). Pure; any thread; one
// object for one connection.
#pragma once
#include <cstddef>
#include <cstdint>

namespace turnpike::http {

class StreamOrder {
 public:
    /// For each HEADERS. False: the stream was passed over, so that nothing can be said on it any more. HEADERS on
    /// one that was used are well-behaved: trailers may cross the end of their stream.
    bool admits(uint32_t stream) {
        if (stream % 2 == 0) return true;  // none of a client's: nghttp2 says so
        if (stream <= highest_) return !wasPassedOver(stream);
        const uint32_t first = highest_ == 0 ? 1 : highest_ + 2;
        if (stream > first) passOver(first, stream - 2);
        highest_ = stream;
        return true;
    }

 private:
    /// The last of them are remembered; clients that count by two pass over none.
    static constexpr size_t kMost = 8;
    struct Range {
        uint32_t first = 0, last = 0;
    };

    bool wasPassedOver(uint32_t stream) const {
        for (const Range& range : passed_)
            if (stream >= range.first && stream <= range.last) return true;
        return false;
    }
    void passOver(uint32_t first, uint32_t last) {
        passed_[next_] = {first, last};
        next_ = (next_ + 1) % kMost;
    }

    uint32_t highest_ = 0;  // none yet
    Range passed_[kMost];
    size_t next_ = 0;
};

}  // namespace turnpike::http
