#include "measure/load/response_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace turnpike::measure {
namespace {

struct Reading {
    ResponseReader::State state = ResponseReader::State::More;
    size_t consumed = 0;
    ResponseReader reader;
};

/// Feeds `text` in pieces of `piece` bytes.
Reading read(std::string_view text, size_t piece) {
    Reading reading;
    while (reading.consumed < text.size() && reading.state == ResponseReader::State::More) {
        size_t taken = 0;
        size_t size = std::min(piece, text.size() - reading.consumed);
        reading.state = reading.reader.feed(text.substr(reading.consumed, size), &taken);
        reading.consumed += taken;
        if (reading.state == ResponseReader::State::More && taken != size) break;
    }
    return reading;
}

struct Case {
    const char* response;
    ResponseReader::State state;
    unsigned status;
    uint64_t body;
    bool keeps_alive;
};
constexpr auto kComplete = ResponseReader::State::Complete;
constexpr auto kMore = ResponseReader::State::More;
constexpr auto kBad = ResponseReader::State::Bad;
const Case kCases[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", kComplete, 200, 5, true},
    {"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nConnection: close\r\n\r\n", kComplete, 200, 0, false},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", kComplete, 304, 0, true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", kComplete, 200, 5,
     true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n0\r\n\r\n", kComplete, 200, 0,
     true},
    {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", kComplete, 200,
     2, true},
    {"HTTP/1.0 200 OK\r\n\r\nas long as it lasts", kMore, 200, 19, false},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", kMore, 200, 4, true},
    {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 1\r\n\r\nx", kComplete, 502, 1, true},
    {"HTTP/2 200\r\n\r\n", kBad, 0, 0, true},
    {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", kBad, 200, 0, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n", kBad, 200, 0, true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", kBad, 200, 0, true},
};

TEST(ResponseReader, ReadsTheSameHoweverTheBytesAreCut) {
    for (const Case& c : kCases) {
        std::string_view text = c.response;
        for (size_t piece = 1; piece <= text.size(); ++piece) {
            Reading reading = read(text, piece);
            SCOPED_TRACE(std::string(text) + " in pieces of " + std::to_string(piece));
            ASSERT_EQ(reading.state, c.state) << reading.reader.reason();
            if (c.state == kBad) continue;
            ASSERT_EQ(reading.consumed, text.size());
            ASSERT_EQ(reading.reader.status(), c.status);
            ASSERT_EQ(reading.reader.bodyBytes(), c.body);
            ASSERT_EQ(reading.reader.keepsAlive(), c.keeps_alive);
        }
    }
}

TEST(ResponseReader, LeavesWhatComesAfterTheResponse) {
    ResponseReader reader;
    size_t consumed = 0;
    std::string_view text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1";
    EXPECT_EQ(reader.feed(text, &consumed), kComplete);
    EXPECT_EQ(text.substr(consumed), "HTTP/1.1");
}

TEST(ResponseReader, TellsACutAnswerFromOneThatEndsByClosing) {
    EXPECT_EQ(read("HTTP/1.0 200 OK\r\n\r\nhi", 99).reader.close(), kComplete);
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", 99).reader.close(), kBad);
    EXPECT_EQ(read("HTTP/1.1 200", 99).reader.close(), kBad);
    EXPECT_EQ(read("", 99).reader.close(), kBad);
}

TEST(ResponseReader, RefusesAHeadWithoutEnd) {
    ResponseReader reader;
    size_t consumed = 0;
    std::string endless = "HTTP/1.1 200 OK\r\nX: " + std::string(70000, 'x');
    EXPECT_EQ(reader.feed(endless, &consumed), kMore);
    EXPECT_EQ(reader.feed(endless, &consumed), kBad);
}

}  // namespace
}  // namespace turnpike::measure
