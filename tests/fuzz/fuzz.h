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

}  // namespace turnpike::fuzz
