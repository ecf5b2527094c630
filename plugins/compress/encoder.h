// encoder.h - one compressed stream, whatever its coding. Loop thread; one for each answer that is compressed.
#pragma once
#include <memory>
#include <string_view>

#include "sdk/support/accept_encoding.h"

namespace turnpike::compress {

/// Where compressed bytes go, in blocks of bounded size.
class Output {
 public:
    virtual ~Output() = default;
    virtual void write(std::string_view bytes) = 0;
};

/// What an encoder gives away at once.
inline constexpr size_t kOutputBlock = 16384;
/// 2^18: how far back a stream may refer where the coding lets one choose. It bounds the memory of both ends, and
/// pages are seldom larger.
inline constexpr int kWindowBits = 18;

class Encoder {
 public:
    virtual ~Encoder() = default;
    /// Takes all of `data`. What was taken so far can be decoded from what was written when it returns: a script
    /// that flushes is seen at once. `last` ends the stream. False: out of memory, the stream is broken.
    virtual bool encode(std::string_view data, bool last, Output& output) = 0;
};

/// Null without memory.
std::unique_ptr<Encoder> makeGzip(int level);
std::unique_ptr<Encoder> makeBrotli(int level);
std::unique_ptr<Encoder> makeZstd(int level);

}  // namespace turnpike::compress
