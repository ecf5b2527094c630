// Request targets and hosts: their forms, who is meant, and what names nobody.
#include "wire.h"

namespace turnpike::wire {
namespace {

using namespace std::string_literals;

class WireTargets : public WireTest<WireTargets> {
 public:
    static std::unique_ptr<Site> makeSite() { return std::make_unique<Site>(); }

 protected:
    static std::string lineOf(const Answer& answer, const std::string& name) {
        size_t at = ("\n" + answer.body).find("\n" + name + "=");
        if (at == std::string::npos) return "(none)";
        return answer.body.substr(at, answer.body.find('\n', at) - at);
    }
};

std::string withHost(const std::string& host, const std::string& target = "/hello") {
    return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

TEST_F(WireTargets, TheLogsTellWhatARefusedHeadAskedFor) {
    EXPECT_EQ(ask(port(), "PUT /logged?a=b HTTP/1.1\r\n\r\n").status, 400);
    EXPECT_TRUE(site().server().waitForLog("\"PUT /logged?a=b\": no Host"));
    EXPECT_EQ(ask(port(), "GET /\x1b[31m HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 400);
    EXPECT_TRUE(site().server().waitForLog("site -: bad byte in the request target"));
}

TEST_F(WireTargets, TellsWhoSpeaksTls) {
    EXPECT_EQ(ask(port(), "\x16\x03\x01"s).status, 400);
    EXPECT_TRUE(site().server().waitForLog("TLS came to a port that speaks plain HTTP"));
}

TEST_F(WireTargets, RefusesHostsThatNameNobody) {
    expectRefused(port(),
                  {
                      {"no Host", "GET /hello HTTP/1.1\r\n\r\n", 400},
                      {"two", "GET /hello HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400},
                      {"two in HTTP/1.0", "GET /hello HTTP/1.0\r\nHost: localhost\r\nHost: a\r\n\r\n", 400},
                      {"empty", withHost(""), 400},
                      {"userinfo", withHost("user@localhost"), 400},
                      {"userinfo", withHost("user:pw@localhost"), 400},
                      {"a list", withHost("localhost, localhost"), 400},
                      {"port out of range", withHost("localhost:65536"), 400},
                      {"port of letters", withHost("localhost:http"), 400},
                      {"signed port", withHost("localhost:+80"), 400},
                      {"two ports", withHost("localhost:80:80"), 400},
                      {"a path", withHost("localhost/"), 400},
                      {"a scheme", withHost("http://localhost"), 400},
                      {"blank", withHost("local host"), 400},
                      {"empty label", withHost("localhost..example.org"), 400},
                      {"leading dot", withHost(".example.org"), 400},
                      {"escape", withHost("localho%73t"), 400},
                      {"eight bits",
                       withHost("l\xc3\xb6"
                                "calhost"),
                       400},
                      {"markup", withHost("<b>localhost"), 400},
                      {"quote", withHost("localhost\""), 400},
                      {"open bracket", withHost("[::1"), 400},
                      {"no address", withHost("[::x]"), 400},
                      {"zone", withHost("[fe80::1%25eth0]"), 400},
                      {"too long", withHost(std::string(256, 'a')), 400},
                      {"unknown", withHost("evil.example"), 421},
                      {"unknown", withHost("example.org"), 421},
                      {"unknown", withHost("localhost.example.net"), 421},
                      {"an address", withHost("127.0.0.1"), 421},
                      {"an address", withHost("[::1]"), 421},
                  });
}

TEST_F(WireTargets, TakesHostsInAnyFormThatNamesASite) {
    for (const std::string& host : {"localhost"s, "LocalHost"s, "localhost:8080"s, "localhost:"s, "localhost."s,
                                    "a.example.org"s, "b.a.example.org:1"s, "A.EXAMPLE.ORG."s}) {
        Answer answer = ask(port(), withHost(host));
        EXPECT_EQ(answer.status, 200) << host;
    }
}

TEST_F(WireTargets, RefusesTargetsOfNoForm) {
    std::vector<Refused> cases = {
        {"authority", withHost("localhost", "localhost:80"), 400},
        {"asterisk for GET", withHost("localhost", "*"), 400},
        {"two asterisks", "OPTIONS ** HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"no slash", withHost("localhost", "hello"), 400},
        {"query alone", withHost("localhost", "?a"), 400},
        {"fragment", withHost("localhost", "/hello#x"), 400},
        {"fragment in the query", withHost("localhost", "/hello?a#x"), 400},
        {"other scheme", withHost("localhost", "ftp://localhost/hello"), 400},
        {"other scheme", withHost("localhost", "file:///etc/passwd"), 400},
        {"no authority", withHost("localhost", "http:///hello"), 400},
        {"userinfo", withHost("localhost", "http://user@localhost/hello"), 400},
        {"backslash", withHost("localhost", "/a\\b"), 400},
        {"CONNECT", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405},
        {"TRACE", "TRACE /hello HTTP/1.1\r\nHost: localhost\r\n\r\n", 405},
    };
    for (const char* bytes : {"/a\x01", "/a\x7f", "/\xc3\xa4", "/a?\xff", "/a\"b", "/a<b", "/a>b", "/a?<b>"})
        cases.push_back({"byte", withHost("localhost", bytes), 400});
    expectRefused(port(), cases);
}

TEST_F(WireTargets, HoldsAnAbsoluteTargetAgainstHost) {
    expectRefused(port(), {
                              {"other host", withHost("localhost", "http://a.example.org/hello"), 400},
                              {"other port", withHost("localhost:81", "http://localhost:82/hello"), 400},
                              {"no Host", "GET http://localhost/hello HTTP/1.1\r\n\r\n", 400},
                              {"unknown", withHost("evil.example", "http://evil.example/hello"), 421},
                              {"another scheme than ours", withHost("localhost", "https://localhost/hello"), 421},
                          });
    for (const char* target : {"http://localhost/hello", "HTTP://LOCALHOST/hello", "http://localhost:80/hello"})
        EXPECT_EQ(ask(port(), withHost("localhost", target)).status, 200) << target;
    EXPECT_EQ(ask(port(), "GET http://localhost/hello HTTP/1.0\r\n\r\n").status, 200);
    Answer view = ask(port(), withHost("localhost:8080", "http://localhost:8080/view?a=b"));
    EXPECT_EQ(lineOf(view, "path"), "path=/view");
    EXPECT_EQ(lineOf(view, "query"), "query=a=b");
    EXPECT_EQ(lineOf(view, "host"), "host=localhost");
    EXPECT_NE(ask(port(), withHost("localhost", "http://localhost")).body.find("index"), std::string::npos);
    EXPECT_EQ(ask(port(), withHost("localhost", "http://localhost?x=y")).status, 200);
}

TEST_F(WireTargets, AnswersOptionsForTheServerAndForAPath) {
    Answer all = ask(port(), "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(all.status, 204);
    EXPECT_NE(all.field("allow").find("GET"), std::string::npos);
    EXPECT_EQ(all.field("content-length"), "");
    EXPECT_EQ(ask(port(), "OPTIONS http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 204);
    Answer file = ask(port(), request("/file.txt", "", "OPTIONS"));
    EXPECT_EQ(file.status, 204);
    EXPECT_EQ(file.field("allow"), "GET, HEAD, OPTIONS");
    Answer refused = ask(port(), request("/file.txt", "", "DELETE"));
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(refused.field("allow"), "GET, HEAD, OPTIONS");
    for (const char* method : {"TRACE", "CONNECT"})
        EXPECT_NE(ask(port(), request("/hello", "", method)).field("allow"), "") << method;
}

TEST_F(WireTargets, DecodesAPathOnceAndAQueryNever) {
    struct {
        const char *target, *path, *query;
    } cases[] = {
        {"/view", "/view", ""},
        {"/%76iew", "/view", ""},
        {"/v%69ew?%41=%2f%00", "/view", "%41=%2f%00"},
        {"/./view", "/view", ""},
        {"//view", "/view", ""},
        {"/a/../view", "/view", ""},
        {"/a/%2e%2E/view", "/view", ""},
        {"/a/b/.%2e/../view?../..", "/view", "../.."},
        {"/view??a=[]|^", "/view", "?a=[]|^"},
    };
    for (const auto& c : cases) {
        Answer answer = ask(port(), withHost("localhost", c.target));
        EXPECT_EQ(lineOf(answer, "path"), std::string("path=") + c.path) << c.target;
        EXPECT_EQ(lineOf(answer, "query"), std::string("query=") + c.query) << c.target;
    }
    for (const char* twice : {"/%2576iew", "/%252576iew", "/vie%77%20"})
        EXPECT_EQ(ask(port(), withHost("localhost", twice)).status, 404) << twice;
}

TEST_F(WireTargets, ShowsNoPluginWhatBelongsToTheConnection) {
    Answer view = ask(port(), request("/view",
                                      "Connection: X-Secret, Cookie, Content-Length\r\nX-Secret: 1\r\n"
                                      "Cookie: a=b\r\nTE: trailers\r\nTrailer: X\r\nUpgrade: h2c\r\n"
                                      "Proxy: http://evil.example\r\nKeep-Alive: 5\r\nX-Kept: 2\r\n"));
    for (const char* name : {"connection", "x-secret", "te", "trailer", "upgrade", "proxy", "keep-alive"})
        EXPECT_EQ(lineOf(view, name), "(none)") << name;
    EXPECT_EQ(lineOf(view, "x-kept"), "x-kept=2");
    EXPECT_EQ(lineOf(view, "cookie"), "cookie=a=b");
}

}  // namespace
}  // namespace turnpike::wire
