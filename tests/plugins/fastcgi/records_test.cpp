#include "sdk/fastcgi/records.h"

#include <gtest/gtest.h>

#include "scripted_backend.h"

namespace turnpike::fastcgi::test {
namespace {

/// What a decoder made of some bytes, cut at the given places.
struct Heard {
    std::string out, err, cause;
    bool ended = false;
    ProtocolStatus status = ProtocolStatus::Complete;
    uint32_t app_status = 0;
    bool operator==(const Heard&) const = default;
};

Heard hear(const std::vector<std::string_view>& pieces) {
    Decoder decoder;
    Heard heard;
    for (std::string_view piece : pieces) {
        for (;;) {
            Event event = decoder.next(piece);
            if (event.kind == Event::Kind::NeedMore) break;
            if (event.kind == Event::Kind::Stdout) heard.out += event.data;
            if (event.kind == Event::Kind::Stderr) heard.err += event.data;
            if (event.kind == Event::Kind::Bad) heard.cause = decoder.cause();
            if (event.kind == Event::Kind::End) {
                heard.ended = true;
                heard.status = event.status;
                heard.app_status = event.app_status;
            }
            if (event.kind == Event::Kind::Bad || event.kind == Event::Kind::End) return heard;
        }
    }
    return heard;
}

std::string answer() {
    return record(7, "careful") + record(6, "one", 1, 1, 5) + record(6, "two") + record(6, "") + endRecord(0, 3);
}

TEST(RecordDecoder, ReadsAWholeAnswer) {
    std::string bytes = answer();
    Heard heard = hear({bytes});
    EXPECT_EQ(heard.out, "onetwo");
    EXPECT_EQ(heard.err, "careful");
    EXPECT_TRUE(heard.ended);
    EXPECT_EQ(heard.app_status, 3u);
    EXPECT_EQ(heard.cause, "");
}

TEST(RecordDecoder, HearsTheSameHoweverTheBytesAreCut) {
    std::string bytes = answer();
    std::string_view all = bytes;
    Heard whole = hear({all});
    for (size_t i = 0; i <= all.size(); ++i)
        for (size_t j = i; j <= all.size(); ++j)
            ASSERT_EQ(hear({all.substr(0, i), all.substr(i, j - i), all.substr(j)}), whole) << i << " " << j;
}

TEST(RecordDecoder, SkipsThePaddingOfTheLastRecord) {
    std::string bytes = record(6, "x") + record(3, std::string(8, '\0'), 1, 1, 7);
    std::string_view input = bytes;
    Decoder decoder;
    EXPECT_EQ(decoder.next(input).kind, Event::Kind::Stdout);
    EXPECT_EQ(decoder.next(input).kind, Event::Kind::End);
    EXPECT_TRUE(input.empty());
    EXPECT_TRUE(decoder.isAtBoundary());
}

TEST(RecordDecoder, SaysThatPaddingIsMissing) {
    std::string bytes = record(3, std::string(8, '\0'), 1, 1, 7);
    std::string_view input(bytes.data(), bytes.size() - 1);
    Decoder decoder;
    EXPECT_EQ(decoder.next(input).kind, Event::Kind::End);
    EXPECT_FALSE(decoder.isAtBoundary());
}

TEST(RecordDecoder, IsReadyAgainAfterReset) {
    std::string bytes = answer(), wrong = record(6, "x", 2);
    std::string_view input = wrong;
    Decoder decoder;
    EXPECT_EQ(decoder.next(input).kind, Event::Kind::Bad);
    decoder.reset();
    input = bytes;
    EXPECT_EQ(decoder.next(input).kind, Event::Kind::Stderr);
}

TEST(RecordDecoder, RefusesWhatNoResponderSends) {
    struct Case {
        std::string bytes, cause;
    };
    const Case cases[] = {
        {record(6, "x", 1, 0), "a record of version 0"},
        {record(6, "x", 1, 2), "a record of version 2"},
        {"HTTP/1.1 200 OK\r\n\r\n", "a record of version 72"},
        {record(6, "x", 2), "a record of request 2, which was never sent"},
        {record(6, "x", 257), "a record of request 257, which was never sent"},
        {record(6, "x", 0), "a record of request 0, which was never sent"},
        {record(0, "x"), "a record of type 0, which no responder sends"},
        {record(1, std::string(8, '\0')), "a record of type 1, which no responder sends"},
        {record(4, "x"), "a record of type 4, which no responder sends"},
        {record(5, "x"), "a record of type 5, which no responder sends"},
        {record(10, "", 0), "a record of type 10, which no responder sends"},
        {record(11, std::string(8, '\0'), 0), "a record of type 11, which no responder sends"},
        {record(255, "x"), "a record of type 255, which no responder sends"},
        {record(3, ""), "an END_REQUEST record of 0 bytes instead of 8"},
        {record(3, "1234567"), "an END_REQUEST record of 7 bytes instead of 8"},
        {record(3, "123456789"), "an END_REQUEST record of 9 bytes instead of 8"},
        {endRecord(4), "an END_REQUEST record with the unknown status 4"},
        {record(6, "") + record(6, "late"), "a STDOUT record after the end of that stream"},
        {record(6, "") + record(6, ""), "a STDOUT record after the end of that stream"},
    };
    for (const Case& c : cases) {
        Heard whole = hear({c.bytes});
        EXPECT_EQ(whole.cause, c.cause);
        EXPECT_FALSE(whole.ended);
        for (size_t i = 0; i <= c.bytes.size(); ++i) {
            std::string_view all = c.bytes;
            EXPECT_EQ(hear({all.substr(0, i), all.substr(i)}), whole) << c.cause << " cut at " << i;
        }
    }
}

TEST(RecordEncoder, BeginsARequestThatKeepsTheConnection) {
    std::string bytes;
    appendBegin(bytes, true);
    EXPECT_EQ(bytes, record(1, std::string("\0\1\1\0\0\0\0\0", 8)));
    bytes.clear();
    appendBegin(bytes, false);
    EXPECT_EQ(bytes, record(1, std::string("\0\1\0\0\0\0\0\0", 8)));
}

TEST(RecordEncoder, AbortsARequest) {
    std::string bytes;
    appendAbort(bytes);
    EXPECT_EQ(bytes, record(2, ""));
}

TEST(RecordEncoder, WritesLengthsInOneOrFourBytes) {
    std::string bytes, value(128, 'v'), name(127, 'n');
    ParamsWriter params(bytes);
    params.add(name, value);
    params.finish();
    std::string pair = std::string("\x7f\x80\0\0\x80", 5) + name + value;
    EXPECT_EQ(bytes, record(4, pair) + record(4, ""));
}

TEST(RecordEncoder, EndsAnEmptyStreamWithOneRecord) {
    std::string bytes;
    ParamsWriter(bytes).finish();
    EXPECT_EQ(bytes, record(4, ""));
}

TEST(RecordEncoder, SplitsALongStreamIntoRecords) {
    std::string bytes, value(140000, 'v');
    ParamsWriter params(bytes);
    params.add("A", value);
    params.finish();
    std::string stream, content;
    std::string_view rest = bytes;
    size_t records = 0;
    while (rest.size() >= 8) {
        size_t length =
            static_cast<size_t>(static_cast<unsigned char>(rest[4]) << 8 | static_cast<unsigned char>(rest[5]));
        EXPECT_EQ(rest[1], 4);
        stream += rest.substr(8, length);
        rest.remove_prefix(8 + length);
        ++records;
    }
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(records, 4u);
    EXPECT_EQ(stream, std::string("\x01\x80\x02\x22\xe0"
                                  "A",
                                  6) +
                          value);
}

}  // namespace
}  // namespace turnpike::fastcgi::test
