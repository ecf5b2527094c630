#include "sdk/http/chunked.h"

#include <algorithm>
#include <bit>

#include "sdk/http/syntax.h"

namespace turnpike::http {
namespace {

constexpr uint32_t kMaxDigits = 16;
constexpr uint32_t kMaxLine = 256;          // a chunk's size with its extensions
constexpr uint32_t kMaxExtensions = 16384;  // of one message
constexpr uint32_t kMaxTrailers = 8192;
constexpr uint64_t kMaxChunk = INT64_MAX;  // lengths of bodies are int64_t elsewhere

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::feed(std::string_view input) {
    size_t used = 0;
    while (expect_ != Expect::Done && expect_ != Expect::Failed) {
        if (used == input.size()) return {State::More, used, {}};
        if (expect_ == Expect::Body) {
            const auto size = static_cast<size_t>(std::min<uint64_t>(left_, input.size() - used));
            left_ -= size;
            if (left_ == 0) expect_ = Expect::BodyCr;
            return {State::Data, used + size, input.substr(used, size)};
        }
        take(input[used++]);
    }
    return {expect_ == Expect::Done ? State::End : State::Bad, used, {}};
}

void ChunkedDecoder::take(char c) {
    switch (expect_) {
        case Expect::Size:
            return takeSize(c);
        case Expect::SizeLf:
            return c == '\n' ? endSize() : fail("chunk size line without CRLF");
        case Expect::BodyCr:
            return expectByte(c, '\r', Expect::BodyLf, "chunk that does not end in CRLF");
        case Expect::BodyLf:
            return expectByte(c, '\n', Expect::Size, "chunk that does not end in CRLF");
        case Expect::TrailerStart:
        case Expect::TrailerName:
        case Expect::TrailerValue:
            return takeTrailer(c);
        case Expect::TrailerLf:
            return expectByte(c, '\n', Expect::TrailerStart, "trailer line without CRLF");
        case Expect::EndLf:
            return expectByte(c, '\n', Expect::Done, "last line without CRLF");
        default:
            return takeExtension(c);
    }
}

void ChunkedDecoder::fail(const char* reason) {
    expect_ = Expect::Failed;
    reason_ = reason;
}

void ChunkedDecoder::expectByte(char c, char wanted, Expect next, const char* otherwise) {
    if (c != wanted) return fail(otherwise);
    expect_ = next;
}

/// chunk-size = 1*HEXDIG
void ChunkedDecoder::takeSize(char c) {
    const int digit = hexValue(c);
    if (digit < 0) return digits_ == 0 ? fail("chunk without a size") : afterElement(c);
    if (++digits_ > kMaxDigits) return fail("chunk size too long");
    left_ = left_ * 16 + static_cast<uint64_t>(digit);
    ++line_;
}

void ChunkedDecoder::endSize() {
    if (left_ > kMaxChunk) return fail("chunk too large");
    expect_ = left_ == 0 ? Expect::TrailerStart : Expect::Body;
    digits_ = line_ = 0;
}

/// What may follow a size or an extension: the end of the line, or *( BWS ";" BWS chunk-ext ).
void ChunkedDecoder::afterElement(char c) {
    if (c == '\r') {
        expect_ = Expect::SizeLf;
        return;
    }
    if (!countExtension()) return;
    if (c == ';') {
        expect_ = Expect::ExtensionStart;
    } else if (isBlank(c)) {
        expect_ = Expect::ExtensionSemicolon;
    } else {
        fail("bad byte after a chunk size or extension");
    }
}

bool ChunkedDecoder::countExtension() {
    if (++line_ <= kMaxLine && ++extensions_ <= kMaxExtensions) return true;
    fail("chunk extensions too long");
    return false;
}

/// chunk-ext-name [ BWS "=" BWS chunk-ext-val ], each state refusing what the grammar does not have there.
void ChunkedDecoder::takeExtension(char c) {
    const bool ends = expect_ == Expect::ExtensionAfterValue ||
                      (expect_ == Expect::ExtensionValue && !isTokenByte(c)) ||
                      (expect_ == Expect::ExtensionName && !isTokenByte(c) && !isBlank(c) && c != '=');
    if (ends) return afterElement(c);
    if (!countExtension()) return;
    switch (expect_) {
        case Expect::ExtensionStart:
            if (isTokenByte(c))
                expect_ = Expect::ExtensionName;
            else if (!isBlank(c))
                fail("chunk extension without a name");
            return;
        case Expect::ExtensionName:
            if (c == '=')
                expect_ = Expect::ExtensionEquals;
            else if (isBlank(c))
                expect_ = Expect::ExtensionAfterName;
            return;
        case Expect::ExtensionAfterName:
        case Expect::ExtensionSemicolon:
            if (c == ';')
                expect_ = Expect::ExtensionStart;
            else if (c == '=' && expect_ == Expect::ExtensionAfterName)
                expect_ = Expect::ExtensionEquals;
            else if (!isBlank(c))
                fail("blank that separates nothing in a chunk size line");
            return;
        case Expect::ExtensionEquals:
            if (c == '"')
                expect_ = Expect::ExtensionQuoted;
            else if (isTokenByte(c))
                expect_ = Expect::ExtensionValue;
            else if (!isBlank(c))
                fail("chunk extension without a value");
            return;
        default:
            return takeQuoted(c);
    }
}

/// quoted-string (RFC 9110 section 5.6.4), and token values, which end elsewhere.
void ChunkedDecoder::takeQuoted(char c) {
    if (expect_ == Expect::ExtensionValue) return;
    if (!isFieldByte(c)) return fail("control byte in a chunk extension");
    if (expect_ == Expect::ExtensionEscape)
        expect_ = Expect::ExtensionQuoted;
    else if (c == '\\')
        expect_ = Expect::ExtensionEscape;
    else if (c == '"')
        expect_ = Expect::ExtensionAfterValue;
}

/// trailer-section = *( field-line CRLF ), checked; the core drops it: nobody there may act on a field that late.
void ChunkedDecoder::takeTrailer(char c) {
    if (c == '\r' && expect_ != Expect::TrailerName) {
        if (expect_ == Expect::TrailerValue) keep("\r\n");
        expect_ = expect_ == Expect::TrailerStart ? Expect::EndLf : Expect::TrailerLf;
        return;
    }
    if (++trailers_ > kMaxTrailers) return fail("trailers too large");
    keep({&c, 1});
    if (expect_ == Expect::TrailerValue) {
        if (!isFieldByte(c)) fail("control byte in a trailer");
    } else if (c == ':' && expect_ == Expect::TrailerName) {
        expect_ = Expect::TrailerValue;
    } else if (isTokenByte(c)) {
        expect_ = Expect::TrailerName;
    } else {
        fail("bad trailer");
    }
}

size_t encodeChunkHead(uint64_t size, char* to) {
    const int digits = size == 0 ? 1 : (64 - std::countl_zero(size) + 3) / 4;
    for (int i = digits - 1; i >= 0; --i, size /= 16) to[i] = "0123456789abcdef"[size % 16];
    to[digits] = '\r';
    to[digits + 1] = '\n';
    return static_cast<size_t>(digits) + 2;
}

}  // namespace turnpike::http
