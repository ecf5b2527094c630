// wire.h - messages between the server's own processes as bytes: numbers as they lie in memory (one machine),
// texts with their length before and a NUL behind. The reader trusts nothing: past the first thing that does not
// fit, all it gives is zero and empty, and ok() is false.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::process {

class Writer {
 public:
    Writer& u32(uint32_t value) { return raw(&value, sizeof value); }
    Writer& u64(uint64_t value) { return raw(&value, sizeof value); }
    Writer& text(std::string_view value) {
        u32(static_cast<uint32_t>(value.size()));
        bytes_.append(value);
        bytes_ += '\0';
        return *this;
    }
    Writer& texts(const std::vector<std::string>& values) {
        u32(static_cast<uint32_t>(values.size()));
        for (const auto& value : values) text(value);
        return *this;
    }
    const std::string& bytes() const { return bytes_; }

 private:
    Writer& raw(const void* value, size_t size) {
        bytes_.append(static_cast<const char*>(value), size);
        return *this;
    }
    std::string bytes_;
};

class Reader {
 public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    bool ok() const { return ok_; }
    /// Everything was read and fitted.
    bool atEnd() const { return ok_ && rest_.empty(); }
    uint32_t u32() { return number<uint32_t>(); }
    uint64_t u64() { return number<uint64_t>(); }
    /// A view of the message, with a NUL behind it and none inside; usable as a C string while the message lives.
    std::string_view text() {
        uint32_t size = u32();
        if (!ok_ || rest_.size() <= size || rest_[size] != '\0' || rest_.substr(0, size).find('\0') != rest_.npos)
            return fail();
        std::string_view value = rest_.substr(0, size);
        rest_.remove_prefix(size_t{size} + 1);
        return value;
    }
    /// At most `most` texts.
    std::vector<std::string> texts(uint32_t most) {
        std::vector<std::string> values;
        uint32_t count = u32();
        if (count > most) fail();
        for (uint32_t i = 0; i < count && ok_; ++i) values.emplace_back(text());
        return values;
    }

 private:
    template <class T>
    T number() {
        T value{};
        if (!ok_ || rest_.size() < sizeof value) {
            fail();
            return value;
        }
        std::memcpy(&value, rest_.data(), sizeof value);
        rest_.remove_prefix(sizeof value);
        return value;
    }
    std::string_view fail() {
        ok_ = false;
        return std::string_view("");  // not null: callers hand its data on
    }

    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace turnpike::process
