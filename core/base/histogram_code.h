// histogram_code.h - a histogram as a few bytes, for a store or a pipe, and back. Pure; any thread.
#pragma once
#include <string>
#include <string_view>

#include "base/histogram.h"
#include "base/result.h"

namespace turnpike {

/// Two or three bytes for each bucket that holds something: bucket numbers as differences, all numbers in
/// seven-bit groups (LEB128), the first byte the version of the format. The same on every machine.
std::string encode(const Histogram& histogram);

/// What encode() was given. Bytes that are none of its, cut short, or at odds with themselves: an Error that says
/// which.
Result<Histogram> decodeHistogram(std::string_view bytes);

}  // namespace turnpike
