// fuzz.h - what the fuzz targets share: the entry point, an oracle that stops, and bytes that choose a split.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// Called with one input after the other. Returns 0; a broken promise ends the process.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

/// The promise `condition` of the code under test; stays on in every build.
#define FUZZ_EXPECT(condition)                                                             \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            std::fprintf(stderr, "%s:%d: not kept: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                  \
        }                                                                                  \
    } while (false)

namespace turnpike::fuzz {

inline std::string_view text(const uint8_t* data, size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Sizes of the pieces to cut an input into, drawn from a seed: the same seed, the same pieces.
class Pieces {
 public:
    explicit Pieces(uint32_t seed) : state_(seed) {}

    /// The next piece, 1 to `left` bytes (0 when nothing is left); short ones are frequent.
    size_t next(size_t left) {
        state_ = state_ * 1664525u + 1013904223u;
        const size_t bound = (state_ >> 30) != 0 ? 8 : 1000;
        const size_t piece = 1 + (state_ >> 8) % bound;
        return piece < left ? piece : left;
    }

 private:
    uint32_t state_;
};

/// The promise of everything that reads a stream: attempt(input, next) finds the same however the input is cut, in
/// one piece, byte by byte, and in pieces that the first two bytes of `data` draw. next(left): a piece's size.
template <class Attempt>
void expectTheSameInPieces(const uint8_t* data, size_t size, Attempt attempt) {
    if (size < 2) return;
    const std::string_view input = text(data + 2, size - 2);
    const auto whole = attempt(input, [](size_t left) { return left; });
    FUZZ_EXPECT(whole == attempt(input, [](size_t) { return size_t{1}; }));
    Pieces pieces(data[0] * 256u + data[1]);
    FUZZ_EXPECT(whole == attempt(input, [&](size_t left) { return pieces.next(left); }));
}

}  // namespace turnpike::fuzz
