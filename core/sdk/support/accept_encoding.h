// accept_encoding.h - which content codings a client takes (RFC 9110 section 12.5.3). Pure; any thread.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "sdk/plugin.h"

namespace turnpike::support {

enum class Coding : uint8_t { Identity, Gzip, Brotli, Zstd };
inline constexpr size_t kCodingCount = 4;

/// The value of Content-Encoding; empty for Identity.
std::string_view codingName(Coding coding) noexcept;

/// The weights of all Accept-Encoding fields of one request.
class AcceptEncoding {
 public:
    AcceptEncoding() = default;
    explicit AcceptEncoding(const tp_request_view& view) noexcept;

    /// One field value. An element with a malformed weight counts as not sent.
    void add(std::string_view value) noexcept;

    /// In thousandths; 0: not acceptable. Identity is acceptable unless it is refused by name or by "*;q=0", but
    /// weighs least when it is not named.
    unsigned weight(Coding coding) const noexcept;

    /// The heaviest coding of `offered`, the earlier one of equals; Identity when the client takes none of them or
    /// prefers none, or did not send the field at all.
    Coding choose(std::span<const Coding> offered) const noexcept;

 private:
    static constexpr int16_t kUnnamed = -1;
    std::array<int16_t, kCodingCount> named_{kUnnamed, kUnnamed, kUnnamed, kUnnamed};
    int16_t any_ = kUnnamed;
};

}  // namespace turnpike::support
