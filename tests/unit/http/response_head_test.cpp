#include "http/response_head.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace turnpike::http {
namespace {

std::string write(const ResponseHead& head) {
    std::string text(responseHeadSize(head), '?');
    const size_t size = writeResponseHead(head, text.data());
    EXPECT_LE(size, text.size());
    return text.substr(0, size);
}

TEST(ResponseHead, HoldsStatusDateServerFieldsAndLength) {
    const tp_field fields[] = {{{"ETag", 4}, {"\"x\"", 3}}, {{"Empty", 5}, {nullptr, 0}}};
    const ResponseHead head{.status = 404,
                            .fields = fields,
                            .field_count = 2,
                            .length = 18446744073709551615u,
                            .date = "Sun, 06 Nov 1994 08:49:37 GMT",
                            .server = "Turnpike"};
    EXPECT_EQ(
        write(head),
        "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: Turnpike\r\nETag: \"x\"\r\n"
        "Empty: \r\nContent-Length: 18446744073709551615\r\n\r\n");
}

TEST(ResponseHead, TellsHowTheBodyEnds) {
    struct Case {
        Framing framing;
        bool keep_alive, client_is_1_0;
        const char* lines;
    };
    const Case cases[] = {
        {Framing::None, true, false, ""},
        {Framing::None, false, false, "Connection: close\r\n"},
        {Framing::Length, true, false, "Content-Length: 7\r\n"},
        {Framing::Length, false, false, "Content-Length: 7\r\nConnection: close\r\n"},
        {Framing::Length, true, true, "Content-Length: 7\r\nConnection: keep-alive\r\n"},
        {Framing::Length, false, true, "Content-Length: 7\r\nConnection: close\r\n"},
        {Framing::Chunked, true, false, "Transfer-Encoding: chunked\r\n"},
        {Framing::Chunked, false, false, "Transfer-Encoding: chunked\r\nConnection: close\r\n"},
        {Framing::Close, true, false, "Connection: close\r\n"},
        {Framing::Close, true, true, "Connection: close\r\n"},
    };
    for (const Case& c : cases) {
        const ResponseHead head{
            .framing = c.framing, .length = 7, .keep_alive = c.keep_alive, .client_is_1_0 = c.client_is_1_0};
        EXPECT_EQ(write(head), std::string("HTTP/1.1 200 OK\r\n") + c.lines + "\r\n");
    }
}

TEST(ResponseHead, WritesAnInterimAnswer) {
    EXPECT_EQ(write({.status = 100, .framing = Framing::None}), "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST(ResponseHeadDeathTest, StopsAtFramingThatAnHttp10ClientCannotRead) {
    const ResponseHead head{.framing = Framing::Chunked, .client_is_1_0 = true};
    EXPECT_DEATH(write(head), "broken invariant");
}

TEST(ReasonPhrase, NamesTheRegisteredStatuses) {
    EXPECT_EQ(reasonPhrase(200), "OK");
    EXPECT_EQ(reasonPhrase(431), "Request Header Fields Too Large");
    EXPECT_EQ(reasonPhrase(299), "Unknown");
    EXPECT_EQ(reasonPhrase(0), "Unknown");
    size_t known = 0;
    for (unsigned status = 100; status < 600; ++status) known += reasonPhrase(status) != "Unknown" ? 1 : 0;
    EXPECT_EQ(known, 62u);
}

TEST(Field, IsValidWithATokenAndNoControlByte) {
    EXPECT_TRUE(isValidField("X-A", ""));
    EXPECT_TRUE(isValidField("x!#", "a\tb \xff"));
    for (const char* name : {"", "a b", "a:", "a\r\n", "\xff", "(", "a\x7f"})
        EXPECT_FALSE(isValidField(name, "v")) << name;
    for (int c = 0; c < 256; ++c) {
        const bool allowed = c == '\t' || (c >= 0x20 && c != 0x7f);
        for (const size_t before : {0u, 7u, 8u, 9u}) {
            const std::string value = std::string(before, '\xc3') + static_cast<char>(c);
            EXPECT_EQ(isValidField("a", value), allowed) << c;
        }
    }
}

TEST(Field, IsFramingWithoutCase) {
    for (const char* name : {"Connection", "Date", "Server", "Transfer-Encoding", "Content-Length", "Keep-Alive",
                             "Upgrade", "Proxy-Connection", "TE", "Trailer", "CONTENT-LENGTH", "te"}) {
        EXPECT_TRUE(isFramingField(name)) << name;
    }
    for (const char* name :
         {"", "Content-Type", "Content-Lengtx", "ETag", "Location", "Data", "Trailers", "Set-Cookie"}) {
        EXPECT_FALSE(isFramingField(name)) << name;
    }
}

}  // namespace
}  // namespace turnpike::http
