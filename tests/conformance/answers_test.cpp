// The same output of a program gives the client the same answer, whichever way it comes; RFC 3875 section 6.
#include <gtest/gtest.h>

#include <algorithm>

#include "fixture.h"
#include "over_http2.h"

namespace turnpike::conformance {
namespace {

struct Case {
    const char* name;
    std::string output;
    int status;
    std::string body = "";                 // what must arrive
    std::vector<std::string> fields = {};  // "name: value" that must be there, "!name" that must not
    std::string method = "GET";
    bool is_cut = false;  // the connection ends before the answer does
};

std::string encoded(const std::string& bytes) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string text;
    for (char c : bytes) {
        auto byte = static_cast<unsigned char>(c);
        text += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
    return text;
}

std::vector<Case> documents() {
    return {
        {"a document", "Content-Type: text/plain\n\nhello", 200, "hello", {"content-type: text/plain"}},
        {"lines that end in CRLF",
         "Content-Type: text/plain\r\n\r\nhello",
         200,
         "hello",
         {"content-type: text/plain"}},
        {"a status", "Status: 404 Gone Fishing\nContent-Type: a/b\n\nno", 404, "no", {"!status"}},
        {"a status without a reason", "Status: 201\nContent-Type: a/b\n\n", 201},
        {"no type", "X-A: b\n\nbody", 200, "body", {"x-a: b"}},
        {"a type and no body", "Content-Type: a/b\n\n", 200, "", {"content-type: a/b"}},
        {"cookies", "Content-Type: a/b\nSet-Cookie: a=1\nSet-Cookie: b=2\n\nx", 200, "x", {"set-cookie: a=1"}},
        {"fields of the server",
         "Content-Type: a/b\nConnection: upgrade\nDate: now\nServer: evil\n\nx",
         200,
         "x",
         {"!server", "connection: close"}},
        {"its own chunks",
         "Content-Type: a/b\nTransfer-Encoding: chunked\n\n1\r\nx\r\n0\r\n\r\n",
         200,
         "1\r\nx\r\n0\r\n\r\n",
         {"content-type: a/b"}},
        {"204", "Status: 204\n\nbody", 204, "", {"!content-type"}},
        {"304", "Status: 304\nETag: \"a\"\n\n", 304, "", {"etag: \"a\""}},
        {"HEAD", "Content-Type: a/b\n\nbody", 200, "", {"content-type: a/b"}, "HEAD"},
        {"HEAD with a length",
         "Content-Type: a/b\nContent-Length: 4\n\nbody",
         200,
         "",
         {"content-length: 4"},
         "HEAD"},
        {"binary", "Content-Type: a/b\n\n" + std::string("\0\xff\r\n\n", 5), 200, std::string("\0\xff\r\n\n", 5)},
        {"hints before it, which HTTP/1.1 clients get only where the site says so",
         "Status: 103 Early Hints\nLink: </a>\n\nContent-Type: a/b\n\nhello",
         200,
         "hello",
         {"content-type: a/b", "!link"}},
        {"a long body", "Content-Type: a/b\n\n" + std::string(2000, 'l'), 200, std::string(2000, 'l')},
    };
}

std::vector<Case> redirects() {
    return {
        {"to another site", "Location: http://other/x\n\n", 302, "", {"location: http://other/x"}},
        {"with a status",
         "Status: 301\nLocation: http://other/\nContent-Type: a/b\n\ngone",
         301,
         "gone",
         {"location: http://other/"}},
        {"with a status to a path", "Status: 303\nLocation: /plain.txt\n\n", 303, "", {"location: /plain.txt"}},
        {"to a path", "Location: /plain.txt\n\n", 200, "plain\n", {"!location"}},
        {"to a path with a query", "Location: /plain.txt?a=b\n\n", 200, "plain\n"},
        {"to an encoded path", "Location: /caf%C3%A9.txt\n\n", 200, "utf-8\n"},
        {"to a path with a cookie",
         "Location: /plain.txt\nSet-Cookie: a=1\n\n",
         302,
         "",
         {"location: /plain.txt", "set-cookie: a=1"}},
        {"to a host without scheme", "Location: //other/x\n\n", 302, "", {"location: //other/x"}},
        {"to a path that is not there", "Location: /nothing\n\n", 404},
        {"with a fragment", "Location: /plain.txt#top\n\n", 302, "", {"location: /plain.txt#top"}},
    };
}

std::vector<Case> lengths() {
    return {
        {"right", "Content-Type: a/b\nContent-Length: 4\n\nbody", 200, "body", {"content-length: 4"}},
        {"too short a body", "Content-Type: a/b\nContent-Length: 10\n\nbody", 200, "", {}, "GET", true},
        {"too long a body", "Content-Type: a/b\nContent-Length: 2\n\nbody", 200, "bo", {"content-length: 2"}},
        {"zero", "Content-Type: a/b\nContent-Length: 0\n\n", 200, "", {"content-length: 0"}},
        {"no number", "Content-Type: a/b\nContent-Length: four\n\nbody", 502},
        {"negative", "Content-Type: a/b\nContent-Length: -1\n\nbody", 502},
        {"twice", "Content-Type: a/b\nContent-Length: 4\nContent-Length: 5\n\nbody", 502},
    };
}

std::vector<Case> badHeads() {
    return {
        {"nothing", "", 502},
        {"no end", "Content-Type: a/b\n", 502},
        {"an empty head", "\nbody", 502},
        {"no colon", "Content-Type a/b\n\nx", 502},
        {"HTML at once", "<html><body>x</body></html>\n", 502},
        {"no name", ": b\n\nx", 502},
        {"a space before the colon", "Content-Type : a/b\n\nx", 502},
        {"a folded line", "X-A: b\n c\n\nx", 502},
        {"a control byte", "X-A: b\x01\n\nx", 502},
        {"a lone CR", "X-A: b\rX-B: c\n\nx", 502},
        {"a NUL", std::string("X-A: \0\n\nx", 9), 502},
        {"a status that is none", "Status: 99\nContent-Type: a/b\n\nx", 502},
        {"an interim status", "Status: 100\nContent-Type: a/b\n\nx", 502},
        {"a switch of protocols", "Status: 101\nUpgrade: x\n\nx", 502},
        {"an interim status of the answer itself", "Status: 103\nContent-Type: a/b\n\nX-Evil: 1\n\nx", 502},
        {"hints and nothing else", "Status: 103\nLink: </a>\n\n", 502},
        {"hints and half a head", "Status: 103\nLink: </a>\n\nContent-Type: a/b\n", 502},
        {"hints with a lone CR", "Status: 103\nLink: a\rb\n\nContent-Type: a/b\n\nx", 502},
        {"a status of letters", "Status: OK\nContent-Type: a/b\n\nx", 502},
        {"two statuses", "Status: 200\nStatus: 404\n\nx", 502},
        {"two types", "Content-Type: a/b\nContent-Type: c/d\n\nx", 502},
        {"two locations", "Location: /a\nLocation: /b\n\n", 502},
    };
}

class SameAnswer : public testing::Test {
 protected:
    static void SetUpTestSuite() { gateways = new Gateways; }
    static void TearDownTestSuite() {
        delete gateways;
        gateways = nullptr;
    }
    void SetUp() override { ASSERT_TRUE(gateways->server().isUp()); }

    static std::string requestOf(const Case& c, const Way& way) {
        return c.method + " " + way.folder + "/says?" + encoded(c.output) +
               " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    }
    static Answer answer(const Case& c, const Way& way) { return ask(gateways->port(), requestOf(c, way)); }
    static std::vector<std::string> linesOf(const Answer& answer) {
        std::vector<std::string> lines;
        for (const auto& [name, value] : answer.fields)
            if (name != "date") lines.push_back(name + ": " + value);
        std::sort(lines.begin(), lines.end());
        return lines;
    }
    /// A program that states no length: whether its end came together with its body, and so the length is known
    /// before the head leaves, is up to the scheduler.
    static std::vector<std::string> comparable(const Case& c, const Answer& answer) {
        std::vector<std::string> lines = linesOf(answer);
        if (c.output.find("Content-Length") == std::string::npos)
            std::erase_if(lines, [](const std::string& line) {
                return line.starts_with("content-length:") || line.starts_with("transfer-encoding:");
            });
        return lines;
    }
    static void expectThat(const Case& c, const Answer& a) {
        EXPECT_EQ(a.status, c.status) << a.head;
        EXPECT_TRUE(a.whole);
        if (c.status == 502 || c.status == 404) {
            // The visitor sees no internals.
            EXPECT_EQ(a.body.find("/says"), std::string::npos);
        } else {
            EXPECT_EQ(a.body, c.body);
        }
        // RFC 9112 section 6: the framing is the server's, and there is one, whatever the program says of
        // it.
        const auto framings = std::count_if(a.fields.begin(), a.fields.end(), [](const auto& field) {
            return field.first == "content-length" || field.first == "transfer-encoding";
        });
        const bool may_have_a_body = c.status != 204 && c.status != 304 && c.method != "HEAD";
        EXPECT_LE(framings, 1) << a.head;
        EXPECT_TRUE(framings == 1 || !may_have_a_body) << a.head;
        std::vector<std::string> lines = linesOf(a);
        for (const std::string& wanted : c.fields) {
            if (!wanted.starts_with('!')) {
                EXPECT_EQ(std::count(lines.begin(), lines.end(), wanted), 1) << wanted << "\n" << a.head;
                continue;
            }
            for (const auto& [name, value] : a.fields) EXPECT_NE("!" + name, wanted) << value;
        }
    }
    static void compare(const std::vector<Case>& cases) {
        for (const Case& c : cases) {
            SCOPED_TRACE(c.name);
            Answer cgi = answer(c, gateways->programs()[0]), fastcgi = answer(c, gateways->programs()[1]);
            if (c.is_cut) {
                EXPECT_FALSE(cgi.whole || fastcgi.whole);
                continue;
            }
            expectThat(c, cgi);
            EXPECT_EQ(cgi.status, fastcgi.status);
            // Our own error pages name the request.
            if (c.status != 502 && c.status != 404) {
                EXPECT_EQ(cgi.body, fastcgi.body);
            }
            EXPECT_EQ(cgi.whole, fastcgi.whole);
            EXPECT_EQ(comparable(c, cgi), comparable(c, fastcgi));
        }
    }

    /// The same status, body and fields, but those that frame an answer of HTTP/1.1.
    static void compareWithHttp2(const std::vector<Case>& cases) {
        for (const Case& c : cases)
            for (const Way& way : gateways->programs()) {
                SCOPED_TRACE(std::string(c.name) + " by " + way.name);
                const Answer first = answer(c, way);
                const std::optional<Answer> second = askOverHttp2(gateways->port(), requestOf(c, way));
                ASSERT_TRUE(second);
                EXPECT_EQ(first.whole, second->whole);
                if (c.is_cut) continue;
                EXPECT_EQ(first.status, second->status);
                const bool is_our_page = c.status == 502 || c.status == 404;  // it names the request
                EXPECT_TRUE(is_our_page || first.body == second->body) << second->body;
                EXPECT_EQ(unframed(first), unframed(*second));
            }
    }
    static std::vector<std::string> unframed(const Answer& answer) {
        std::vector<std::string> lines = linesOf(answer);
        std::erase_if(lines, [](const std::string& line) {
            return line.starts_with("content-length:") || line.starts_with("transfer-encoding:") ||
                   line.starts_with("connection:");
        });
        return lines;
    }

    static inline Gateways* gateways = nullptr;
};

TEST_F(SameAnswer, ForEveryDocument) { compare(documents()); }
TEST_F(SameAnswer, ForEveryRedirect) { compare(redirects()); }
TEST_F(SameAnswer, ForEveryLength) { compare(lengths()); }
TEST_F(SameAnswer, ForEveryBadHead) { compare(badHeads()); }

TEST_F(SameAnswer, OverHttp2ForEveryDocument) { compareWithHttp2(documents()); }
TEST_F(SameAnswer, OverHttp2ForEveryRedirect) { compareWithHttp2(redirects()); }
TEST_F(SameAnswer, OverHttp2ForEveryLength) { compareWithHttp2(lengths()); }
TEST_F(SameAnswer, OverHttp2ForEveryBadHead) { compareWithHttp2(badHeads()); }

TEST(SameInterim, WhereTheSiteLetsHttp11ClientsHaveIt) {
    Gateways gateways("interim_http1 = true\n");
    ASSERT_TRUE(gateways.server().isUp());
    const std::string output =
        "Status: 103 Early Hints\nLink: </a>\nX-Sendfile: /secret\nTransfer-Encoding: chunked\n\nContent-Type: "
        "a/b\n\nhello";
    for (const Way& way : gateways.programs()) {
        SCOPED_TRACE(way.name);
        RawClient client(gateways.port());
        client.send("GET " + way.folder + "/says?" + encoded(output) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        EXPECT_EQ(client.answer().head, "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
        const Answer answer = client.answer();
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "hello");
    }
}

}  // namespace
}  // namespace turnpike::conformance
