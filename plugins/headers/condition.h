// condition.h - which answers an instance changes: by status, media type and the path that was asked for. What is
// left out excludes nothing. Never changed after configure().
#pragma once
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/plugin.hpp"

namespace turnpike::headers {

class Condition {
 public:
    /// Reads `statuses`, `types`, `prefixes` and `suffixes`. Throws Refused.
    Condition(const tp_host& host, const tp_setup& setup);

    bool holds(const tp_request_view& request, const tp_response_view& answer) const;

 private:
    bool hasType(const tp_response_view& answer) const;
    bool hasPath(const tp_request_view& request) const;

    static constexpr size_t kStatusEnd = 600;
    std::bitset<kStatusEnd> statuses_;
    std::vector<std::string> types_, prefixes_, suffixes_;  // types in lower case; "text/" stands for "text/*"
};

}  // namespace turnpike::headers
