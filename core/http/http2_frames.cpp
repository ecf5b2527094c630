#include "http/http2_frames.h"

#include <algorithm>

namespace turnpike::http {

/// The head is there, and of padded DATA the byte that tells how much of it is padding.
bool FrameScanner::isWhole() const {
    if (have_ < kHeadSize) return false;
    const bool has_length = (raw_[0] | raw_[1] | raw_[2]) != 0;
    const bool is_padded = raw_[3] == static_cast<uint8_t>(FrameType::Data) && (raw_[4] & FrameHead::kPadded) != 0;
    return !is_padded || !has_length || have_ > kHeadSize;
}

FrameScanner::Step FrameScanner::next(std::string_view bytes) {
    size_t at = static_cast<size_t>(std::min<uint64_t>(skip_, bytes.size()));
    skip_ -= at;
    const size_t begin = at;
    while (at < bytes.size()) {
        raw_[have_++] = static_cast<unsigned char>(bytes[at++]);
        if (!isWhole()) continue;
        head_.length = static_cast<uint32_t>(raw_[0]) << 16 | static_cast<uint32_t>(raw_[1]) << 8 | raw_[2];
        head_.type = static_cast<FrameType>(raw_[3]);
        head_.flags = raw_[4];
        head_.stream = static_cast<uint32_t>(raw_[5] & 0x7f) << 24 | static_cast<uint32_t>(raw_[6]) << 16 |
                       static_cast<uint32_t>(raw_[7]) << 8 | raw_[8];
        head_.padding = have_ > kHeadSize ? static_cast<uint16_t>(raw_[kHeadSize] + 1) : 0;
        skip_ = head_.length - (have_ - kHeadSize);
        have_ = 0;
        return {at, begin, true};
    }
    return {at, begin, false};
}

}  // namespace turnpike::http
