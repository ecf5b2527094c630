#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "sdk/gateway/gateway.h"
#include "sdk/plugin.hpp"

namespace turnpike::gateway {
namespace {

using State = ResponseHead::State;

/// All that a head came to, in one comparable line.
std::string describe(const ResponseHead& head) {
    if (head.state() == State::More) return "more";
    if (head.state() == State::Bad) return "bad: " + head.reason();
    std::string line = std::to_string(head.status());
    for (const tp_field& f : head.fields())
        line.append(" [").append(text(f.name)).append("=").append(text(f.value)).append("]");
    if (head.length() != TP_LENGTH_UNKNOWN) line += " length=" + std::to_string(head.length());
    if (!head.localRedirect().empty()) line.append(" local=").append(head.localRedirect());
    return line;
}

std::string parse(std::string_view input, Dialect dialect = Dialect::Cgi, size_t limit = 32768) {
    ResponseHead head(limit, dialect);
    std::string all;
    do {
        size_t consumed = 0;
        head.feed(input, &consumed);
        input.remove_prefix(consumed);
        all += (all.empty() ? "" : ", ") + describe(head);
    } while (head.state() == State::Interim && !input.empty());
    return all;
}

struct Case {
    std::string_view input, expected;
};

TEST(CgiResponseHead, UnderstandsWhatRfc3875Allows) {
    const Case cases[] = {
        {"Content-Type: text/html\n\n", "200 [content-type=text/html]"},
        {"Content-Type:text/html\r\n\r\nbody", "200 [content-type=text/html]"},
        {"content-type: a/b \t\n\n", "200 [content-type=a/b]"},
        {"Content-Type: a/b\r\n\n", "200 [content-type=a/b]"},
        {"Status: 404 Not Found\nContent-Type: a/b\n\n", "404 [content-type=a/b]"},
        {"Status: 599\n\n", "599"},
        {"Content-Length: 12\nContent-Type: a/b\n\n", "200 [content-type=a/b] length=12"},
        {"Content-Length: 9223372036854775807\n\n", "200 length=9223372036854775807"},
        {"Set-Cookie: a=1\nSet-Cookie: b=2\n\n", "200 [set-cookie=a=1] [set-cookie=b=2]"},
        {"X-Empty:\n\n", "200 [x-empty=]"},
        {"X: \xc3\xa4\n\n", "200 [x=\xc3\xa4]"},
        {"Location: /other?x=1\n\n", "302 [location=/other?x=1] local=/other?x=1"},
        {"Location: http://example.org/\n\n", "302 [location=http://example.org/]"},
        {"Location: //example.org/\n\n", "302 [location=//example.org/]"},
        {"Location: /x#part\n\n", "302 [location=/x#part]"},
        {"Status: 301\nLocation: /x\n\n", "301 [location=/x]"},
        {"Location: /x\nSet-Cookie: a=1\n\n", "302 [location=/x] [set-cookie=a=1]"},
    };
    for (const Case& c : cases) EXPECT_EQ(parse(c.input), c.expected) << c.input;
}

TEST(CgiResponseHead, RefusesWhatWouldReachTheClientWrong) {
    using namespace std::string_view_literals;
    const Case cases[] = {
        {"hello world\n\n", "bad: line 1 of its header has no colon"},
        {"<html>\n", "bad: line 1 of its header has no colon"},
        {"X: 1\ngarbage\n\n", "bad: line 2 of its header has no colon"},
        {"HTTP/1.1 200 OK\n\n", "bad: line 1 of its header has no colon"},
        {": empty\n\n", "bad: line 1 of its header has a name that is no token"},
        {"X Y: 1\n\n", "bad: line 1 of its header has a name that is no token"},
        {"X : 1\n\n", "bad: line 1 of its header has a name that is no token"},
        {"X: 1\n folded: 2\n\n", "bad: line 2 of its header has a name that is no token"},
        {"X: a\rSet-Cookie: b\n\n", "bad: line 1 of its header holds a control byte"},
        {"X: a\r\r\n\n", "bad: line 1 of its header holds a control byte"},
        {"X: a\0b\n\n"sv, "bad: line 1 of its header holds a control byte"},
        {"X\0: b\n\n"sv, "bad: line 1 of its header has a name that is no token"},
        {"X: \x1b[31m\n\n", "bad: line 1 of its header holds a control byte"},
        {"X: \x7f\n\n", "bad: line 1 of its header holds a control byte"},
        {"Status: 99999\n\n", "bad: its Status is not a number from 200 to 599, or 102 to 199"},
        {"Status: 101\n\n", "bad: its Status is not a number from 200 to 599, or 102 to 199"},
        {"Status: 100\n\n", "bad: its Status is not a number from 200 to 599, or 102 to 199"},
        {"Status: 600\n\n", "bad: its Status is not a number from 200 to 599, or 102 to 199"},
        {"Status: -20\n\n", "bad: its Status is not a number from 200 to 599, or 102 to 199"},
        {"Status: 200OK\n\n", "bad: its Status is not a number from 200 to 599, or 102 to 199"},
        {"Status:\n\n", "bad: its Status is not a number from 200 to 599, or 102 to 199"},
        {"Status: 200\nStatus: 200\n\n", "bad: it says Status twice"},
        {"Content-Length: 1\nContent-Length: 1\n\n", "bad: it says Content-Length twice"},
        {"Content-Length: -1\n\n", "bad: its Content-Length is no number"},
        {"Content-Length: +1\n\n", "bad: its Content-Length is no number"},
        {"Content-Length: 1, 1\n\n", "bad: its Content-Length is no number"},
        {"Content-Length:\n\n", "bad: its Content-Length is no number"},
        {"Content-Length: 9223372036854775808\n\n", "bad: its Content-Length is no number"},
        {"Content-Type: a/b\nContent-Type: a/b\n\n", "bad: it says Content-Type twice"},
        {"Location: /a\nLocation: /b\n\n", "bad: it says Location twice"},
        {"\nbody", "bad: its header is empty"},
        {"\r\nbody", "bad: its header is empty"},
    };
    for (const Case& c : cases) EXPECT_EQ(parse(c.input), c.expected) << c.input;
}

TEST(CgiResponseHead, DropsWhatTheServerWritesItself) {
    EXPECT_EQ(parse("Transfer-Encoding: chunked\nConnection: close\nDate: x\nUpgrade: h2c\nKeep-Alive: 1\n"
                    "Server: x\nProxy-Connection: x\nTE: x\nTrailer: x\nX: y\n\n"),
              "200 [x=y]");
}

TEST(CgiResponseHead, TakesInterimHeadsBeforeIt) {
    const Case cases[] = {
        {"Status: 103 Early Hints\nLink: </a>\nLink: </b>\n\nContent-Type: a/b\n\nbody",
         "103 [link=</a>] [link=</b>], 200 [content-type=a/b]"},
        {"Status: 102\r\n\r\nStatus: 199 x\r\n\r\nStatus: 404\r\n\r\n", "102, 199, 404"},
        {"Link: </a>\nStatus: 103\nConnection: close\nTransfer-Encoding: x\n\nX: y\n\n",
         "103 [link=</a>], 200 [x=y]"},
        {"Status: 103\nLocation: /x\n\nLocation: /y\n\n", "103 [location=/x], 302 [location=/y] local=/y"},
        {"Status: 103\n\n", "103"},
        {"Status: 103\n\nX:", "103, more"},
        {"Status: 103\n\n\n", "103, bad: its header is empty"},
        {"Status: 103\nLink: a\rb\n\n", "bad: line 2 of its header holds a control byte"},
        {"Status: 103\n\nStatus: 101\n\n", "103, bad: its Status is not a number from 200 to 599, or 102 to 199"},
    };
    for (const Case& c : cases) EXPECT_EQ(parse(c.input), c.expected) << c.input;
}

// RFC 3875 section 6.3.1: what says Content-Type has a body, which is no head that follows.
TEST(CgiResponseHead, TakesNoInterimStatusForAnAnswer) {
    for (const char* field : {"Content-Type: a/b", "Content-Length: 5", "Content-Length: 0"})
        for (const char* body : {"X-Evil: 1\n\nbody", "<p>body", ""})
            for (const char* status : {"102", "103", "199"})
                EXPECT_EQ(
                    parse("Status: " + std::string(status) + "\nLink: </a>\n" + field + "\n\n" + body),
                    "bad: its status is " + std::string(status) +
                        ", which is that of an interim answer (RFC 9110 section 15.2): no answer with a body "
                        "has it")
                    << field << body;
}

TEST(CgiResponseHead, TakesInterimHeadsOfANonParsedProgram) {
    EXPECT_EQ(
        parse("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nX: y\r\n\r\n", Dialect::NonParsed),
        "103 [link=</a>], 200 [x=y]");
    EXPECT_EQ(parse("HTTP/1.1 101 Switch\r\n\r\n", Dialect::NonParsed),
              "bad: its first line is no HTTP/1 status line with a status from 200 to 599, or 102 to 199");
}

TEST(CgiResponseHead, BoundsInterimHeads) {
    std::string sixteen, endless;
    for (int i = 0; i < 10'000; ++i) (i < 16 ? sixteen : endless) += "Status: 103\n\n";
    EXPECT_TRUE(parse(sixteen + "X: y\n\n").ends_with("103, 103, 200 [x=y]"));
    EXPECT_TRUE(parse(sixteen + endless).ends_with("103, bad: it sends more than 16 interim heads"));
    // The limit is for all heads together.
    const std::string hint = "Status: 103\nX: 1\n\n", last = "X: 1\n\n";
    EXPECT_EQ(parse(hint + last, Dialect::Cgi, hint.size() + last.size()), "103 [x=1], 200 [x=1]");
    EXPECT_EQ(parse(hint + last, Dialect::Cgi, hint.size() + last.size() - 1),
              "103 [x=1], bad: its header is larger than 23 bytes");
    EXPECT_EQ(parse(hint, Dialect::Cgi, hint.size()), "bad: its header is larger than 18 bytes");
}

TEST(CgiResponseHead, KnowsInterimHeadsFromTheAnswersOwn) {
    ResponseHead head;
    size_t consumed = 0;
    ASSERT_EQ(head.feed("Status: 103\n\nX: y\n\n", &consumed), State::Interim);
    EXPECT_EQ(consumed, 13u) << "what stands behind it is for the next call";
    EXPECT_EQ(head.size(), 0u);
    EXPECT_EQ(head.interims(), 1u);
    EXPECT_EQ(head.feed("", &consumed), State::Interim);
    EXPECT_EQ(head.feed("X: y\n\n", &consumed), State::Complete);
    EXPECT_EQ(head.size(), 6u);
    head.reset();
    EXPECT_EQ(head.interims(), 0u);
}

TEST(CgiResponseHead, StopsAtTheEmptyLine) {
    ResponseHead head;
    size_t consumed = 0;
    EXPECT_EQ(head.feed("A: b\n\nC: d\n\n", &consumed), State::Complete);
    EXPECT_EQ(consumed, 6u);
    EXPECT_EQ(head.feed("C: d\n\n", &consumed), State::Complete);
    EXPECT_EQ(consumed, 0u);
}

TEST(CgiResponseHead, TellsSilenceFromABegunHead) {
    ResponseHead head;
    size_t consumed = 0;
    EXPECT_EQ(head.feed("", &consumed), State::More);
    EXPECT_EQ(head.size(), 0u);
    EXPECT_EQ(head.feed("Con", &consumed), State::More);
    EXPECT_EQ(head.size(), 3u);
}

TEST(CgiResponseHead, HoldsItsLimitToTheByte) {
    const std::string input = "A: " + std::string(95, 'x') + "\n\n";  // 100 bytes
    EXPECT_EQ(parse(input, Dialect::Cgi, 100).substr(0, 3), "200");
    EXPECT_EQ(parse(input, Dialect::Cgi, 99), "bad: its header is larger than 99 bytes");
    EXPECT_EQ(parse(std::string(100, 'x'), Dialect::Cgi, 100), "bad: its header is larger than 100 bytes");
    EXPECT_EQ(parse(std::string(99, 'x'), Dialect::Cgi, 100), "more");
}

TEST(CgiResponseHead, GivesTheSameResultHoweverItIsCut) {
    const std::string_view inputs[] = {
        "Status: 404 Not Found\r\nContent-Type: text/html\r\nSet-Cookie: a=1\r\n\r\nbody",
        "Location: /other\n\n",
        "X: 1\nno colon\nY: 2\n\n",
        "X: a\rb\n\n",
        "\r\n",
        "Content-Length: 12\nX:\t\n\n",
    };
    for (std::string_view input : inputs) {
        const std::string whole = parse(input);
        for (size_t cut = 0; cut <= input.size(); ++cut) {
            ResponseHead head;
            size_t first = 0, second = 0;
            head.feed(input.substr(0, cut), &first);
            head.feed(input.substr(cut), &second);
            EXPECT_EQ(describe(head), whole) << input << " cut at " << cut;
        }
        ResponseHead head;
        size_t consumed = 0;
        for (size_t i = 0; i < input.size(); ++i) head.feed(input.substr(i, 1), &consumed);
        EXPECT_EQ(describe(head), whole) << input << " byte by byte";
    }
}

TEST(CgiResponseHead, ForgetsEverythingOnReset) {
    ResponseHead head;
    size_t consumed = 0;
    head.feed("Status: 404\nLocation: /x\nContent-Type: a/b\nContent-Length: 3\n\n", &consumed);
    head.reset();
    EXPECT_EQ(describe(head), "more");
    EXPECT_EQ(head.size(), 0u);
    head.feed("Location: /y\n\n", &consumed);
    EXPECT_EQ(describe(head), "302 [location=/y] local=/y");
}

TEST(NonParsedHead, TakesAStatusLineAndPlainFields) {
    EXPECT_EQ(
        parse("HTTP/1.1 404 Not Found\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\n", Dialect::NonParsed),
        "404 [content-type=a/b] length=2");
    EXPECT_EQ(parse("HTTP/1.0 200 OK\nStatus: 500\nLocation: /x\n\n", Dialect::NonParsed),
              "200 [status=500] [location=/x]");
    EXPECT_EQ(parse("HTTP/1.1 204\r\n\r\n", Dialect::NonParsed), "204");
}

TEST(NonParsedHead, RefusesAnythingElseInItsFirstLine) {
    const std::string expected =
        "bad: its first line is no HTTP/1 status line with a status from 200 to 599, or 102 to 199";
    for (std::string_view input : {"Content-Type: a/b\n\n", "HTTP/2 200 OK\n\n", "HTTP/1.1 101 Upgrade\n\n",
                                   "HTTP/1.1  200 OK\n\n", "HTTP/1.1 20\n\n", "\n"})
        EXPECT_EQ(parse(input, Dialect::NonParsed), expected) << input;
}

TEST(NonParsedHead, RefusesAFramingOfItsOwn) {
    EXPECT_EQ(parse("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", Dialect::NonParsed),
              "bad: a program that writes the whole response itself must not use Transfer-Encoding");
}

}  // namespace
}  // namespace turnpike::gateway
