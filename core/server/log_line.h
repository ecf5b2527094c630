// log_line.h - writes one log line into memory that is known to be large enough: no check and no allocation a
// piece. Pure.
#pragma once
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "config/log_format.h"

namespace turnpike::server {

inline constexpr size_t kMostOfAField = config::kMostOfALogField;

class LogLine {
 public:
    explicit LogLine(char* to) : begin_(to), at_(to) {}

    LogLine& text(std::string_view piece) {
        if (!piece.empty()) std::memcpy(at_, piece.data(), piece.size());
        at_ += piece.size();
        return *this;
    }
    LogLine& byte(char c) {
        *at_++ = c;
        return *this;
    }
    LogLine& number(int64_t value) {
        at_ = std::to_chars(at_, at_ + 20, value).ptr;
        return *this;
    }
    /// 16 hexadecimal digits.
    LogLine& id(uint64_t value);
    /// Bytes below 0x20, 0x7f and above, '"' and '\' as \xHH: takes at most 4 * kMostOfAField bytes.
    LogLine& escaped(std::string_view value);
    /// The inside of a JSON string, whatever the bytes were: takes at most 6 * kMostOfAField bytes.
    LogLine& json(std::string_view value);
    size_t size() const { return static_cast<size_t>(at_ - begin_); }

 private:
    char* begin_;
    char* at_;
};

}  // namespace turnpike::server
