// An upstream's answer reads alike at once, byte by byte, and in the pieces that its first two bytes choose; and
// what is taken has one length only.
#include <cstring>
#include <memory>
#include <string>

#include "fuzz.h"
#include "proxy/answer_body.h"
#include "proxy/answer_head.h"
#include "sdk/plugin.hpp"

namespace {

using turnpike::proxy::AnswerBody;
using turnpike::proxy::AnswerHead;
using turnpike::proxy::Framing;

struct Attempt {
    AnswerHead::State state = AnswerHead::State::More;
    AnswerBody::State body_state = AnswerBody::State::More;
    std::string reason, fields, body, trailers;
    size_t left = 0;
    bool operator==(const Attempt&) const = default;
};

void checkFields(const AnswerHead& head, Attempt& attempt) {
    for (const tp_field& field : head.fields()) {
        const std::string_view name = turnpike::text(field.name), value = turnpike::text(field.value);
        FUZZ_EXPECT(!name.empty());
        FUZZ_EXPECT(name != "content-length" && name != "transfer-encoding" && name != "connection");
        FUZZ_EXPECT(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
        attempt.fields.append(name).append(1, ':').append(value).append(1, '\n');
    }
    FUZZ_EXPECT(head.status() >= 100 && head.status() <= 599);
    FUZZ_EXPECT(head.framing(false) != Framing::Length || head.length() >= 0);
}

template <typename Next>
Attempt attempt(std::string_view input, Next next) {
    Attempt result;
    AnswerHead head;
    AnswerBody body;
    const auto memory = std::make_unique<char[]>(input.size());
    size_t size = 0;
    while (size < input.size()) {
        const size_t piece = next(input.size() - size);
        std::memcpy(memory.get() + size, input.data() + size, piece);
        size += piece;
        std::string_view rest(memory.get() + size - piece, piece);
        if (result.state == AnswerHead::State::More) {
            result.state = head.parse(memory.get(), size);
            if (result.state == AnswerHead::State::Bad) break;
            if (result.state == AnswerHead::State::More) continue;
            FUZZ_EXPECT(head.size() <= size && head.size() <= AnswerHead::kMostBytes);
            checkFields(head, result);
            body.begin(head.framing(false), head.length());
            rest = {memory.get() + head.size(), size - head.size()};
        }
        if (result.body_state == AnswerBody::State::More)
            result.body_state = body.feed(rest, [&](std::string_view part) { result.body += part; });
        if (result.body_state == AnswerBody::State::Bad) break;
        if (result.body_state == AnswerBody::State::End) result.left += rest.size();
    }
    result.reason = head.reason();
    FUZZ_EXPECT((result.state == AnswerHead::State::Bad) == !result.reason.empty());
    result.trailers = body.trailers();
    if (result.body_state == AnswerBody::State::Bad) result.left = 0;
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    turnpike::fuzz::expectTheSameInPieces(data, size,
                                          [](std::string_view input, auto next) { return attempt(input, next); });
    return 0;
}
