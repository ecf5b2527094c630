// readable.h - text from outside, as JSON, XML and terminals can hold it. Pure.
#pragma once
#include <string>
#include <string_view>

namespace turnpike::measure {

/// What XML cannot hold (control characters but tab and line feed, bytes that are no UTF-8) becomes U+FFFD.
std::string readable(std::string_view text);

}  // namespace turnpike::measure
