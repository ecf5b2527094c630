// records.h - FastCGI records as a worker writes them, for the tests of the interpreter's side.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace turnpike::php::test {

inline char low(size_t value) { return static_cast<char>(value & 0xff); }

inline std::string record(size_t type, std::string_view content, size_t id = 1, size_t padding = 0,
                          size_t version = 1) {
    const char head[] = {
        low(version), low(type), low(id >> 8), low(id), low(content.size() >> 8), low(content.size()),
        low(padding), 0};
    return std::string(head, sizeof head) + std::string(content) + std::string(padding, '#');
}

inline std::string begin(size_t role = 1, size_t flags = 1, size_t id = 1) {
    return record(1, std::string{0, low(role), low(flags), 0, 0, 0, 0, 0}, id);
}

inline std::string length(size_t size) {
    if (size < 128) return {low(size)};
    return {static_cast<char>(low(size >> 24) | '\x80'), low(size >> 16), low(size >> 8), low(size)};
}

inline std::string pair(std::string_view name, std::string_view value) {
    return length(name.size()) + length(value.size()) + std::string(name) + std::string(value);
}

}  // namespace turnpike::php::test
