// print.h - printf into a string, for tables and reports. Any thread.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>

namespace turnpike {

/// Cut after 511 bytes.
template <class... Values>
std::string print(const char* format, Values... values) {
    char buffer[512];
    int size = std::snprintf(buffer, sizeof buffer, format, values...);
    return {buffer, std::min(sizeof buffer - 1, static_cast<size_t>(std::max(size, 0)))};
}

}  // namespace turnpike
