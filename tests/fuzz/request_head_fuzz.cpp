// The result must not depend on how the input came: at once, byte by byte, or in the pieces that its first two
// bytes choose. And a head that was accepted keeps what the header promises.
#include <cstring>
#include <memory>
#include <string>

#include "fuzz.h"
#include "http/request_head.h"
#include "http/syntax.h"

namespace {

using namespace turnpike::http;

// Small, so that inputs of a few hundred bytes reach every limit.
constexpr HeadLimits kLimits{.line = 200, .field = 120, .total = 400, .fields = 12};

struct Attempt {
    HeadResult result{Parse::Incomplete, 0, 0, ""};
    std::string text;  // everything that was told

    void add(std::string_view value) { text.append(value).push_back('\n'); }
    void add(uint64_t value) { add(std::to_string(value)); }
};

void promises(const RequestHead& head, std::string_view buffer) {
    FUZZ_EXPECT(head.field_count <= kLimits.fields);
    FUZZ_EXPECT(isToken(head.method_name) && head.method_name != "CONNECT");
    FUZZ_EXPECT(head.minor_version <= 1);
    FUZZ_EXPECT(!head.host.empty() || head.minor_version == 0);
    FUZZ_EXPECT(head.path == "*" || head.path.front() == '/');
    FUZZ_EXPECT(head.content_length >= 0 || (head.chunked && head.content_length == TP_LENGTH_UNKNOWN));
    FUZZ_EXPECT(!head.chunked || head.minor_version == 1);
    for (size_t i = 0; i < head.field_count; ++i) {
        const std::string_view name(head.fields[i].name.ptr, head.fields[i].name.len);
        const std::string_view value(head.fields[i].value.ptr, head.fields[i].value.len);
        FUZZ_EXPECT(name.data() >= buffer.data() && value.data() + value.size() <= buffer.data() + buffer.size());
        FUZZ_EXPECT(isToken(name) && isFieldText(value) && trimBlanks(value) == value);
        for (char c : name) FUZZ_EXPECT(toLower(c) == c);
        for (const char* gone :
             {"connection", "transfer-encoding", "te", "trailer", "upgrade", "proxy", "keep-alive"}) {
            FUZZ_EXPECT(name != gone);
        }
    }
}

void describe(const RequestHead& head, Attempt& to) {
    to.add(to.result.consumed);
    for (std::string_view part : {head.method_name, head.target, head.path, head.query, head.host}) to.add(part);
    to.add(static_cast<uint64_t>(head.content_length));
    to.add(head.present);
    to.add(head.minor_version);
    to.add(static_cast<uint64_t>(head.method));
    for (bool flag : {head.keep_alive, head.expect_continue, head.chunked, head.https}) to.add(uint64_t{flag});
    for (size_t i = 0; i < head.field_count; ++i) {
        to.add({head.fields[i].name.ptr, head.fields[i].name.len});
        to.add({head.fields[i].value.ptr, head.fields[i].value.len});
    }
}

/// `next` gives the size of the following piece.
template <typename Next>
Attempt attempt(std::string_view input, Next next) {
    Attempt attempt;
    tp_field fields[kLimits.fields];
    size_t seen = 0;
    std::string arrived;
    while (attempt.result.state == Parse::Incomplete && seen < input.size()) {
        const size_t piece = next(input.size() - seen);
        arrived.append(input.substr(seen, piece));
        RequestHead head;
        head.fields = fields;
        const auto buffer = std::make_unique<char[]>(arrived.size());  // exactly as large as what has come
        std::memcpy(buffer.get(), arrived.data(), arrived.size());
        attempt.result = parseRequestHead(buffer.get(), arrived.size(), seen, kLimits, head);
        seen += piece;
        arrived.assign(buffer.get(), arrived.size());
        if (attempt.result.state != Parse::Complete) continue;
        FUZZ_EXPECT(attempt.result.consumed <= arrived.size());
        promises(head, {buffer.get(), arrived.size()});
        describe(head, attempt);
    }
    return attempt;
}

void same(const Attempt& a, const Attempt& b) {
    FUZZ_EXPECT(a.result.state == b.result.state);
    FUZZ_EXPECT(a.result.status == b.result.status);
    FUZZ_EXPECT(std::string_view(a.result.reason) == b.result.reason);
    FUZZ_EXPECT(a.text == b.text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 2 || size > 4096) return 0;
    const std::string_view input = turnpike::fuzz::text(data + 2, size - 2);
    const Attempt whole = attempt(input, [](size_t left) { return left; });
    same(whole, attempt(input, [](size_t) { return size_t{1}; }));
    turnpike::fuzz::Pieces pieces(data[0] * 256u + data[1]);
    same(whole, attempt(input, [&](size_t left) { return pieces.next(left); }));
    return 0;
}
