#include "measure/stats/random.h"

#include <bit>

namespace turnpike::measure {

Random::Random(uint64_t seed) : state_{} {
    for (uint64_t& word : state_) {
        seed += 0x9e3779b97f4a7c15u;
        uint64_t mixed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
        word = mixed ^ (mixed >> 31);
    }
}

uint64_t Random::next() {
    uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

uint64_t Random::below(uint64_t limit) {
    // The last, incomplete round of `limit` values would favour the small ones.
    uint64_t end = UINT64_MAX - UINT64_MAX % limit;
    uint64_t value = next();
    while (value >= end) value = next();
    return value % limit;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

}  // namespace turnpike::measure
