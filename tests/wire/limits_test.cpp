// Every limit on the size of a request, at its edge, with its status.
#include "wire.h"

namespace turnpike::wire {
namespace {

class WireLimits : public WireTest<WireLimits> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>(
            "request_line = 200\nfield = 300\nfields_total = 1000\nfields = 20\nspool_total = \"100KiB\"\n"
            "body_memory = 1000",
            "",
            "[[site]]\nname = \"small\"\nhosts = [\"small\"]\nbody_limit = 10\n"
            "[[site.route]]\nprefix = \"/\"\nplugin = \"probe\"\n"
            "[[site]]\nname = \"pages\"\nhosts = [\"pages\"]\nbody_limit = 10\n"
            "error_pages = { 413 = \"/spool\", 404 = \"/view\" }\n"
            "[[site.route]]\nprefix = \"/\"\nplugin = \"probe\"\n");
    }
};

std::string line(size_t size) {
    const std::string head = "GET /hello?", tail = " HTTP/1.1";
    return head + std::string(size - head.size() - tail.size(), 'q') + tail + "\r\nHost: localhost\r\n\r\n";
}
std::string field(size_t size) { return "X: " + std::string(size - 3, 'v') + "\r\n"; }
std::string fields(int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += "X: " + std::to_string(i) + "\r\n";
    return all;
}
std::string to(const std::string& host, const std::string& fields, const std::string& body) {
    return "POST /spool HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n" + body;
}

TEST_F(WireLimits, TakesWhatIsJustSmallEnough) {
    EXPECT_EQ(ask(port(), line(200)).status, 200);
    EXPECT_EQ(ask(port(), request("/hello", field(300))).status, 200);
    EXPECT_EQ(ask(port(), request("/hello", fields(19))).status, 200);
    EXPECT_EQ(ask(port(), request("/hello", field(300) + field(300) + field(300))).status, 200);
    EXPECT_EQ(ask(port(), to("small", "Content-Length: 10\r\n", "0123456789")).status, 200);
    EXPECT_EQ(ask(port(), to("small", "Transfer-Encoding: chunked\r\n", "a\r\n0123456789\r\n0\r\n\r\n")).status,
              200);
    EXPECT_EQ(ask(port(), post("/spool", std::string(100'000, 'x'))).status, 200);
}

TEST_F(WireLimits, RefusesWhatIsJustTooLarge) {
    expectRefused(
        port(),
        {
            {"request line", line(201), 414},
            {"request line without an end", "GET /" + std::string(5000, 'a'), 414},
            {"method without an end", std::string(5000, 'A'), 414},
            {"field", request("/hello", field(301)), 431},
            {"field without an end", "GET / HTTP/1.1\r\nX: " + std::string(5000, 'a'), 431},
            {"name without an end", "GET / HTTP/1.1\r\n" + std::string(5000, 'a'), 431},
            {"fields", request("/hello", fields(20)), 431},
            {"fields in all", request("/hello", field(300) + field(300) + field(300) + field(100)), 431},
            {"length", to("small", "Content-Length: 11\r\n", "0123456789a"), 413},
            {"huge length", to("small", "Content-Length: 9223372036854775807\r\n", ""), 413},
            {"chunks", to("small", "Transfer-Encoding: chunked\r\n", "b\r\n0123456789a\r\n0\r\n\r\n"), 413},
            {"chunks", to("small", "Transfer-Encoding: chunked\r\n", "a\r\n0123456789\r\n1\r\na\r\n0\r\n\r\n"),
             413},
        });
}

TEST_F(WireLimits, RefusesABodyThatTheSpoolCannotHold) {
    Talk got = talk(port(), post("/spool", std::string(200'000, 'x')) + kHello);
    EXPECT_EQ(got.status, 507);
    EXPECT_EQ(got.answers, 1);
    EXPECT_TRUE(got.closed);
    // What it had taken is given back.
    EXPECT_EQ(ask(port(), post("/spool", std::string(100'000, 'x'))).status, 200);
}

TEST_F(WireLimits, AnswersWithAnErrorPageThatAsksForTheBodyItself) {
    Talk got =
        talk(port(), to("pages", "Transfer-Encoding: chunked\r\n", "b\r\n0123456789a\r\n0\r\n\r\n") + kHello);
    EXPECT_EQ(got.status, 413);
    EXPECT_EQ(got.answers, 1);
    EXPECT_TRUE(got.closed);
    got = talk(port(), to("pages", "Content-Length: 20\r\n", std::string(20, 'x')) + kHello);
    EXPECT_EQ(got.status, 413);
    EXPECT_EQ(got.answers, 1);
}

}  // namespace
}  // namespace turnpike::wire
