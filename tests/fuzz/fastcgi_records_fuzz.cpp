// A FastCGI answer is heard alike at once, byte by byte, and in the pieces that its first two bytes choose; no
// event claims bytes that were not there.
#include <cstring>
#include <memory>
#include <string>

#include "fuzz.h"
#include "sdk/fastcgi/records.h"

namespace {

using turnpike::fastcgi::Decoder;
using turnpike::fastcgi::Event;
using Kind = Event::Kind;

struct Heard {
    std::string out, err, cause;
    Kind last = Kind::NeedMore;
    uint32_t app_status = 0;
    uint8_t status = 0;

    bool operator==(const Heard&) const = default;
};

bool isOver(Kind kind) { return kind == Kind::End || kind == Kind::Bad; }

void hear(Decoder& decoder, std::string_view part, Heard& heard) {
    do {
        const char *begin = part.data(), *end = part.data() + part.size();
        const Event event = decoder.next(part);
        FUZZ_EXPECT(part.data() >= begin && part.data() + part.size() == end);
        const bool has_data = event.kind == Kind::Stdout || event.kind == Kind::Stderr;
        FUZZ_EXPECT(has_data == !event.data.empty());
        FUZZ_EXPECT(!has_data || (event.data.data() >= begin && event.data.data() + event.data.size() <= end));
        FUZZ_EXPECT(event.kind != Kind::NeedMore || part.empty());
        FUZZ_EXPECT((event.kind == Kind::Bad) == !decoder.cause().empty());
        (event.kind == Kind::Stderr ? heard.err : heard.out).append(event.data);
        heard.last = event.kind;
        heard.app_status = event.app_status;
        heard.status = static_cast<uint8_t>(event.status);
    } while (!isOver(heard.last) && !part.empty());
    if (!isOver(heard.last)) heard.last = Kind::NeedMore;
}

template <typename Next>
Heard attempt(std::string_view input, Next next) {
    Decoder decoder;
    Heard heard;
    while (!isOver(heard.last) && !input.empty()) {
        const size_t piece = next(input.size());
        const auto buffer = std::make_unique<char[]>(piece);
        std::memcpy(buffer.get(), input.data(), piece);
        hear(decoder, {buffer.get(), piece}, heard);
        input.remove_prefix(piece);
    }
    heard.cause = decoder.cause();
    return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    turnpike::fuzz::expectTheSameInPieces(data, size,
                                          [](std::string_view input, auto next) { return attempt(input, next); });
    return 0;
}
