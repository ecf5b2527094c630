// keyed_hash.h - SipHash, a hash of untrusted text that cannot be steered without the key. Pure; any thread.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace turnpike::support {

struct HashKey {
    uint64_t k0 = 0, k1 = 0;
};

namespace detail {

struct SipState {
    uint64_t a, b, c, d;

    void round() noexcept {
        a += b;
        b = std::rotl(b, 13) ^ a;
        a = std::rotl(a, 32);
        c += d;
        d = std::rotl(d, 16) ^ c;
        a += d;
        d = std::rotl(d, 21) ^ a;
        c += b;
        b = std::rotl(b, 17) ^ c;
        c = std::rotl(c, 32);
    }
    template <int Rounds>
    void absorb(uint64_t word) noexcept {
        d ^= word;
        for (int i = 0; i < Rounds; ++i) round();
        a ^= word;
    }
};

}  // namespace detail

/// SipHash-Compression-Finalization; 1-3 is meant for hash tables that live in memory only. The value depends on
/// the byte order of the machine.
template <int Compression = 1, int Finalization = 3>
uint64_t keyedHash(HashKey key, std::string_view text) noexcept {
    detail::SipState state{key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d, key.k0 ^ 0x6c7967656e657261,
                           key.k1 ^ 0x7465646279746573};
    size_t left = text.size();
    const char* at = text.data();
    for (; left >= 8; left -= 8, at += 8) {
        uint64_t word;
        std::memcpy(&word, at, 8);
        state.absorb<Compression>(word);
    }
    uint64_t last = uint64_t{text.size()} << 56;
    for (size_t i = 0; i < left; ++i) last |= uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
    state.absorb<Compression>(last);
    state.c ^= 0xff;
    for (int i = 0; i < Finalization; ++i) state.round();
    return state.a ^ state.b ^ state.c ^ state.d;
}

}  // namespace turnpike::support
