// remembered.h - who was verified a moment ago, so that not every request pays for a slow hash. Belongs to one
// worker; holds neither names nor passwords, only hashes of both with a key that never leaves the process.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sdk/support/keyed_hash.h"

namespace turnpike::access {

class Remembered {
 public:
    /// A hundred and twenty-eight bits of name and password.
    using Digest = std::array<uint64_t, 2>;

    Remembered(support::HashKey key, uint64_t lifetime_ns);

    Digest digest(std::string_view pair) const;
    bool has(const Digest& digest, uint64_t now_ns) const;
    /// In the place of whoever had it.
    void add(const Digest& digest, uint64_t now_ns);

 private:
    struct Place {
        Digest digest{};
        uint64_t until_ns = 0;
    };

    support::HashKey key_;
    uint64_t lifetime_ns_;
    std::vector<Place> places_;
};

}  // namespace turnpike::access
