#include "http/chunked.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace turnpike::http {
namespace {

using State = ChunkedDecoder::State;

struct Decoded {
    State state = State::More;
    std::string body;
    size_t consumed = 0;
    std::string reason;

    bool operator==(const Decoded&) const = default;
};

/// Feeds the input in pieces of `piece` bytes, each from memory of its own.
Decoded decode(std::string_view input, size_t piece) {
    ChunkedDecoder decoder;
    Decoded decoded;
    for (size_t begin = 0; begin < input.size() && decoded.state == State::More; begin += piece) {
        const std::string part(input.substr(begin, piece));
        std::string_view rest = part;
        do {
            const ChunkedDecoder::Step step = decoder.feed(rest);
            decoded.state = step.state;
            decoded.body.append(step.data);
            decoded.consumed += step.consumed;
            rest.remove_prefix(step.consumed);
        } while (decoded.state == State::Data);
    }
    decoded.reason = decoder.reason();
    return decoded;
}

void expect(std::string_view input, State state, std::string_view body) {
    const Decoded whole = decode(input, input.size());
    EXPECT_EQ(whole.state, state) << input << ": " << whole.reason;
    EXPECT_EQ(whole.body, body) << input;
    for (size_t piece = 1; piece < input.size() && piece < 40; ++piece) {
        EXPECT_EQ(decode(input, piece), whole) << input << " in pieces of " << piece;
    }
}

TEST(ChunkedDecoder, JoinsChunks) {
    expect("0\r\n\r\n", State::End, "");
    expect("5\r\nhello\r\n0\r\n\r\n", State::End, "hello");
    expect("5\r\nhello\r\nA\r\n, world...\r\n0\r\n\r\n", State::End, "hello, world...");
    expect("0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n", State::End, "hello");
    expect("a\r\n0123456789\r\n0B\r\n0123456789a\r\n000\r\n\r\n", State::End, "01234567890123456789a");
    expect("3\r\n\r\n\r\r\n0\r\n\r\n", State::End, "\r\n\r");
}

TEST(ChunkedDecoder, SaysWhereTheMessageEnds) {
    const std::string message = "5\r\nhello\r\n0\r\nA: b\r\n\r\n";
    EXPECT_EQ(decode(message + "GET / HTTP/1.1\r\n", 1000).consumed, message.size());
    ChunkedDecoder decoder;
    EXPECT_EQ(decoder.feed("0\r\n\r\nGET").consumed, 5u);
    EXPECT_EQ(decoder.feed("GET").state, State::End);
    EXPECT_EQ(decoder.feed("GET").consumed, 0u);
}

TEST(ChunkedDecoder, AsksForMoreAtEveryPrefix) {
    const std::string message = "5;a=\"b\\\"c\" ; d\r\nhello\r\n0\r\nA: b\r\n\r\n";
    for (size_t size = 0; size < message.size(); ++size) {
        EXPECT_EQ(decode(message.substr(0, size), 1000).state, State::More) << size;
    }
    EXPECT_EQ(decode(message, 1000).state, State::End);
}

TEST(ChunkedDecoder, StaysBad) {
    ChunkedDecoder decoder;
    EXPECT_EQ(decoder.feed("x").state, State::Bad);
    EXPECT_EQ(decoder.feed("0\r\n\r\n").state, State::Bad);
}

TEST(ChunkedDecoder, ChecksAndDropsExtensions) {
    for (const char* extension :
         {";a", ";a=b", ";a=\"\"", ";a=\"b;c\"", ";a;b=c;d", " ;a", "\t; a", ";a =b", ";a= b", ";a = \t\"b\" ;c",
          ";a=\"\\\"\\\\\"", ";a=\"\xff\t\"", ";!#$%&'*+-.^_`|~=x"}) {
        expect("1" + std::string(extension) + "\r\nx\r\n0" + extension + "\r\n\r\n", State::End, "x");
    }
}

TEST(ChunkedDecoder, ChecksAndDropsTrailers) {
    for (const char* trailers :
         {"A: b\r\n", "A:\r\n", "A:b\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nHost: x\r\n",
          "a: \t\xff\r\n"}) {
        expect("0\r\n" + std::string(trailers) + "\r\n", State::End, "");
    }
}

TEST(ChunkedDecoder, RefusesWhatTheGrammarDoesNotHave) {
    for (const char* input : {"\r\n",
                              ";a\r\n",
                              " 5\r\nhello",
                              "5 \r\nhello",
                              "5\t\r\nhello",
                              "0x5\r\nhello",
                              "+5\r\n",
                              "-5\r\n",
                              "5_0\r\n",
                              "5\nhello",
                              "5\rhello",
                              "5\r\r\n",
                              "G\r\n",
                              "5.\r\n",
                              "5,\r\n",
                              "5;\r\n",
                              "5;;a\r\n",
                              "5; \r\n",
                              "5;=b\r\n",
                              "5;a=\r\n",
                              "5;a= \r\n",
                              "5;a \r\n",
                              "5;a=b \r\n",
                              "5;a b\r\n",
                              "5;a=b c\r\n",
                              "5;a=b=c\r\n",
                              "5;a\rb\r\n",
                              "5;a\nb\r\n",
                              "5;a=\"b\r\n",
                              "5;a=\"b\"c\r\n",
                              "5;a=\"b\n\"\r\n",
                              "5;a=\"b\\\n\"\r\n",
                              "5;a=\"\x7f\"\r\n",
                              "5;\x01\r\n",
                              "5;a=\x80\r\n",
                              "5;(\r\n",
                              "5\r\nhello0\r\n\r\n",
                              "5\r\nhello\n0\r\n\r\n",
                              "5\r\nhello\r0\r\n\r\n",
                              "5\r\nhello\rx",
                              "00000000000000005\r\nhello",
                              "8000000000000000\r\n",
                              "FFFFFFFFFFFFFFFF\r\n",
                              "10000000000000000\r\n",
                              "0\r\n\n",
                              "0\r\n\rx",
                              "0\n\n",
                              "0\r\nA\r\n\r\n",
                              "0\r\n: b\r\n\r\n",
                              "0\r\nA : b\r\n\r\n",
                              "0\r\n A: b\r\n\r\n",
                              "0\r\nA: b\r\n c\r\n\r\n",
                              "0\r\nA: b\n\r\n",
                              "0\r\nA: b\rc\r\n\r\n",
                              "0\r\nA: \x01\r\n\r\n",
                              "0\r\nA(: b\r\n\r\n",
                              "0\r\nA\xff: b\r\n\r\n"}) {
        const Decoded whole = decode(input, 1000);
        EXPECT_EQ(whole.state, State::Bad) << input;
        EXPECT_NE(whole.reason, "") << input;
        EXPECT_EQ(decode(input, 1), whole) << input;
    }
    EXPECT_EQ(decode(std::string_view("5;a=\"\0\"\r\n", 9), 1000).state, State::Bad);
    EXPECT_EQ(decode(std::string_view("\0", 1), 1000).state, State::Bad);
}

TEST(ChunkedDecoder, RefusesBareLineFeed) {
    const std::string good = "5;a=\"b\"\r\nhello\r\n0\r\nA: b\r\n\r\n";
    for (size_t at = good.find('\r'); at != std::string::npos; at = good.find('\r', at + 1)) {
        std::string bad = good;
        EXPECT_EQ(decode(bad.erase(at, 1), 1000).state, State::Bad) << at;
    }
}

TEST(ChunkedDecoder, BoundsTheLineOfAChunk) {
    const auto line = [](size_t size) { return "1;" + std::string(size - 2, 'a') + "\r\nx\r\n0\r\n\r\n"; };
    EXPECT_EQ(decode(line(256), 1000).state, State::End);
    EXPECT_EQ(decode(line(257), 1000).state, State::Bad);
    EXPECT_EQ(decode("1;a=\"" + std::string(10000, 'a'), 1).state, State::Bad);
    EXPECT_EQ(decode("1;" + std::string(10000, ' '), 1).state, State::Bad);
}

TEST(ChunkedDecoder, BoundsTheExtensionsOfAMessage) {
    const std::string chunk = "1;" + std::string(127, 'a') + "\r\nx\r\n";  // 128 bytes of extension
    const auto message = [&](size_t chunks) {
        std::string text;
        for (size_t i = 0; i < chunks; ++i) text += chunk;
        return text + "0\r\n\r\n";
    };
    EXPECT_EQ(decode(message(128), 1000).state, State::End);
    EXPECT_EQ(decode(message(129), 1000).state, State::Bad);
}

TEST(ChunkedDecoder, BoundsTheTrailers) {
    const auto message = [](size_t size) { return "0\r\nA:" + std::string(size - 2, 'b') + "\r\n\r\n"; };
    EXPECT_EQ(decode(message(8192), 1000).state, State::End);
    EXPECT_EQ(decode(message(8193), 1000).state, State::Bad);
}

TEST(ChunkedDecoder, TakesTheLargestChunkThatFits) {
    ChunkedDecoder decoder;
    const ChunkedDecoder::Step step = decoder.feed("7fffffffffffffff\r\nabc");
    EXPECT_EQ(step.state, State::Data);
    EXPECT_EQ(step.data, "abc");
}

TEST(ChunkHead, IsTheSizeInHex) {
    const std::pair<uint64_t, const char*> sizes[] = {
        {0, "0\r\n"},    {1, "1\r\n"},       {15, "f\r\n"},        {16, "10\r\n"},
        {255, "ff\r\n"}, {8000, "1f40\r\n"}, {65536, "10000\r\n"}, {UINT64_MAX, "ffffffffffffffff\r\n"}};
    for (const auto& [size, text] : sizes) {
        char buffer[18];
        EXPECT_EQ(std::string_view(buffer, encodeChunkHead(size, buffer)), text);
    }
}

}  // namespace
}  // namespace turnpike::http
