// histogram_blob.h - a histogram as the store keeps it: the bytes of base/histogram_code.h and then their CRC-32,
// lowest byte first. SQLite does not notice when a disk changes a bit in the middle of a page; this does. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/histogram.h"
#include "base/result.h"

namespace turnpike::measure {

std::string toBlob(const Histogram& histogram);
/// Bytes that are cut short, changed or of another format give an error that says which.
Result<Histogram> fromBlob(std::string_view blob);

}  // namespace turnpike::measure
