// chunked.h - the chunked transfer coding (RFC 9112 section 7.1). Pure; one decoder belongs to one message.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace turnpike::http {

/// Decodes as bytes come. Strict: 1 to 16 hex digits, checked extensions (256 bytes a line, 16 KiB in all), CRLF
/// only; trailers are checked as fields (at most 8 KiB) and dropped, or kept for who wants them.
class ChunkedDecoder {
 public:
    /// `trailers`: where the lines of the trailer section go, each with CRLF; null: nowhere.
    explicit ChunkedDecoder(std::string* trailers) : kept_(trailers) {}
    ChunkedDecoder() = default;

    enum class State : uint8_t { More, Data, End, Bad };
    struct Step {
        State state;
        size_t consumed;        // of the input, with the data
        std::string_view data;  // Data: a piece of the body, inside the input
    };

    /// Takes one step. Data: hand `data` on and call again with the rest. More: everything was consumed. End: the
    /// message ends at `consumed`. Bad: 400 and close.
    Step feed(std::string_view input);
    const char* reason() const { return reason_; }

 private:
    enum class Expect : uint8_t {
        Size,
        SizeLf,
        Body,
        BodyCr,
        BodyLf,
        TrailerStart,
        TrailerName,
        TrailerValue,
        TrailerLf,
        EndLf,
        Done,
        Failed,
        ExtensionStart,
        ExtensionName,
        ExtensionAfterName,
        ExtensionEquals,
        ExtensionValue,
        ExtensionQuoted,
        ExtensionEscape,
        ExtensionAfterValue,
        ExtensionSemicolon
    };

    void take(char c);
    void takeSize(char c);
    void endSize();
    void afterElement(char c);
    bool countExtension();
    void takeExtension(char c);
    void takeQuoted(char c);
    void takeTrailer(char c);
    void keep(std::string_view trailer) const {
        if (kept_ != nullptr) kept_->append(trailer);
    }
    void expectByte(char c, char wanted, Expect next, const char* otherwise);
    void fail(const char* reason);

    Expect expect_ = Expect::Size;
    uint64_t left_ = 0;
    uint32_t digits_ = 0, line_ = 0, extensions_ = 0, trailers_ = 0;
    const char* reason_ = "";
    std::string* kept_ = nullptr;
};

/// "1f40\r\n" into `to` (at least 18 bytes); its length.
size_t encodeChunkHead(uint64_t size, char* to);

}  // namespace turnpike::http
