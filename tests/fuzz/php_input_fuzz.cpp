// A worker's requests are heard alike at once, byte by byte, and in the pieces that the first two bytes choose; no
// event claims bytes that were not there, and looking ahead for an abort reads none that are not.
#include <cstring>
#include <memory>
#include <string>

#include "fuzz.h"
#include "php/interpreter/fcgi_input.h"

namespace {

using turnpike::php::Input;
using turnpike::php::InputEvent;
using Kind = InputEvent::Kind;

struct Heard {
    std::string events, body, params, cause;
    bool operator==(const Heard&) const = default;
};

void note(Input& input, const InputEvent& event, Heard& heard) {
    if (event.kind == Kind::Body) {
        heard.body += event.data;
        return;
    }
    heard.events += static_cast<char>('0' + static_cast<int>(event.kind));
    if (event.kind == Kind::Request)
        for (const auto& entry : input.params().entries()) {
            FUZZ_EXPECT(std::strlen(entry.value) == entry.size);
            FUZZ_EXPECT(input.params().find(entry.name) == entry.value);
            heard.params.append(entry.name).append("=").append(entry.value).append(";");
        }
    if (event.kind == Kind::BodyEnd) input.restart();
    if (event.kind == Kind::Bad) heard.cause = input.cause();
}

void hear(Input& input, std::string_view part, Heard& heard) {
    while (heard.cause.empty()) {
        const char *begin = part.data(), *end = part.data() + part.size();
        input.announcesAbort(part);
        const InputEvent event = input.next(part);
        FUZZ_EXPECT(part.data() >= begin && part.data() + part.size() == end);
        FUZZ_EXPECT((event.kind == Kind::Body) == !event.data.empty());
        FUZZ_EXPECT(event.data.empty() ||
                    (event.data.data() >= begin && event.data.data() + event.data.size() <= end));
        if (event.kind == Kind::NeedMore) {
            FUZZ_EXPECT(part.empty());
            return;
        }
        note(input, event, heard);
    }
}

template <typename Next>
Heard attempt(std::string_view bytes, Next next) {
    Input input;
    Heard heard;
    while (heard.cause.empty() && !bytes.empty()) {
        const size_t piece = next(bytes.size());
        const auto buffer = std::make_unique<char[]>(piece);
        std::memcpy(buffer.get(), bytes.data(), piece);
        hear(input, {buffer.get(), piece}, heard);
        bytes.remove_prefix(piece);
    }
    return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    turnpike::fuzz::expectTheSameInPieces(data, size,
                                          [](std::string_view input, auto next) { return attempt(input, next); });
    return 0;
}
