#include "remembered.h"

#include "password.h"

namespace turnpike::access {
namespace {

constexpr size_t kPlaces = 512;

std::string_view bytesOf(const Remembered::Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), sizeof digest};
}

}  // namespace

Remembered::Remembered(support::HashKey key, uint64_t lifetime_ns)
    : key_(key), lifetime_ns_(lifetime_ns), places_(lifetime_ns > 0 ? kPlaces : 0) {}

Remembered::Digest Remembered::digest(std::string_view pair) const {
    const support::HashKey other{~key_.k1, key_.k0};
    return {support::keyedHash<2, 4>(key_, pair), support::keyedHash<2, 4>(other, pair)};
}

bool Remembered::has(const Digest& digest, uint64_t now_ns) const {
    if (places_.empty()) return false;
    const Place& place = places_[digest[0] % kPlaces];
    return isSameSecret(bytesOf(place.digest), bytesOf(digest)) && now_ns < place.until_ns;
}

void Remembered::add(const Digest& digest, uint64_t now_ns) {
    if (!places_.empty()) places_[digest[0] % kPlaces] = {digest, now_ns + lifetime_ns_};
}

}  // namespace turnpike::access
