// params.h - the variables of one request. Pure: no I/O, no PHP.
//
// Threads: none. Ownership: every pointer and view lives until the next load() or clear(). All text is followed by
// a NUL and holds none, since PHP takes it as C strings.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::php {

class Params {
 public:
    static constexpr size_t kMaxBytes = size_t{1} << 20;
    static constexpr size_t kMaxCount = 4096;

    struct Entry {
        std::string_view name;
        char* value;
        size_t size;
        int16_t next;  // in the same bucket, -1: none
    };

    void clear();
    /// Takes the pairs of a complete PARAMS stream, beside `FCGI_ROLE`. A name that comes twice keeps its
    /// place and has the last value. Null, or what is wrong; then there are no variables.
    const char* load(std::string_view stream);
    /// Null: there is none of that name.
    char* find(std::string_view name);
    /// In the order of their first coming.
    const std::vector<Entry>& entries() const { return entries_; }

 private:
    Entry* lookUp(std::string_view name);
    char* keep(std::string_view text);
    const char* set(std::string_view name, std::string_view value);

    static constexpr size_t kBuckets = 128;
    std::string text_;
    size_t used_ = 0;  // of text_, which never grows while it is used
    std::vector<Entry> entries_;
    std::array<int16_t, kBuckets> buckets_{};
};

}  // namespace turnpike::php
