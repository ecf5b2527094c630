// A chunked body decodes alike at once, byte by byte, and in the pieces that its first two bytes choose.
#include <cstring>
#include <memory>
#include <string>

#include "fuzz.h"
#include "http/chunked.h"

namespace {

using turnpike::http::ChunkedDecoder;
using State = ChunkedDecoder::State;

struct Attempt {
    State state = State::More;
    std::string body, reason;
    size_t consumed = 0;

    bool operator==(const Attempt&) const = default;
};

void feed(ChunkedDecoder& decoder, std::string_view part, Attempt& attempt) {
    do {
        const ChunkedDecoder::Step step = decoder.feed(part);
        FUZZ_EXPECT(step.consumed <= part.size());
        FUZZ_EXPECT((step.state == State::Data) == !step.data.empty());
        FUZZ_EXPECT(step.data.empty() || step.data.end() == part.begin() + static_cast<ptrdiff_t>(step.consumed));
        FUZZ_EXPECT(step.state != State::More || step.consumed == part.size());
        attempt.state = step.state;
        attempt.body.append(step.data);
        attempt.consumed += step.consumed;
        part.remove_prefix(step.consumed);
    } while (attempt.state == State::Data);
}

template <typename Next>
Attempt attempt(std::string_view input, Next next) {
    ChunkedDecoder decoder;
    Attempt attempt;
    while (attempt.state == State::More && !input.empty()) {
        const size_t piece = next(input.size());
        const auto buffer = std::make_unique<char[]>(piece);
        std::memcpy(buffer.get(), input.data(), piece);
        feed(decoder, {buffer.get(), piece}, attempt);
        input.remove_prefix(piece);
    }
    attempt.reason = decoder.reason();
    FUZZ_EXPECT((attempt.state == State::Bad) == !attempt.reason.empty());
    return attempt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    turnpike::fuzz::expectTheSameInPieces(data, size,
                                          [](std::string_view input, auto next) { return attempt(input, next); });
    return 0;
}
