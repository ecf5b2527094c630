// Messages that two readers could frame differently: each is refused, and nothing behind it is answered.
#include "wire.h"

namespace turnpike::wire {
namespace {

using namespace std::string_literals;

class WireFraming : public WireTest<WireFraming> {
 public:
    static std::unique_ptr<Site> makeSite() { return std::make_unique<Site>(); }
};

std::string posted(const std::string& fields, const std::string& body = "0\r\n\r\n") {
    return request("/echo", fields, "POST") + body;
}

TEST_F(WireFraming, RefusesTwoLengths) {
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    expectRefused(port(), {
                              {"CL.TE", posted("Content-Length: 5\r\n" + chunked), 400},
                              {"TE.CL", posted(chunked + "Content-Length: 5\r\n"), 400},
                              {"CL 0 beside TE", posted("Content-Length: 0\r\n" + chunked), 400},
                              {"bad CL beside TE", posted("Content-Length: x\r\n" + chunked), 400},
                              {"two CL", posted("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
                              {"two equal CL", posted("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
                              {"a list of equal CL", posted("Content-Length: 5, 5\r\n"), 400},
                          });
}

// RFC 9112 section 6.3, rule 7: no body, and what follows is the next request.
TEST_F(WireFraming, ReadsNoBodyWhereNoneIsAnnounced) {
    for (const char* method : {"POST", "PUT", "PATCH"}) {
        RawClient client(port());
        client.send(request("/spool", "", method) + kHello);
        EXPECT_EQ(client.answer().body, "0 bytes in memory\n") << method;
        EXPECT_EQ(client.answer().body, "hello\n") << method;
    }
    Talk old = talk(port(), "POST /spool HTTP/1.0\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(old.status, 200);
    EXPECT_TRUE(old.bytes.ends_with("0 bytes in memory\n")) << old.bytes;
}

TEST_F(WireFraming, RefusesLengthsThatAreNoNumber) {
    std::vector<Refused> cases;
    for (const char* length : {"", " ", "+5", "-5", "5 5", "0x5", "5.0", "5e0", "five", "5;", "\"5\"", "5_0",
                               "9223372036854775808", "18446744073709551621", "99999999999999999999999", "5\t6"})
        cases.push_back({"length", posted("Content-Length:"s + length + "\r\n"), 400});
    expectRefused(port(), cases);
}

TEST_F(WireFraming, RefusesTransferCodingsButChunkedAlone) {
    expectRefused(port(),
                  {
                      {"list ends empty", posted("Transfer-Encoding: chunked,\r\n"), 400},
                      {"twice in a list", posted("Transfer-Encoding: chunked, chunked\r\n"), 400},
                      {"two fields", posted("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
                      {"two fields", posted("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"), 400},
                      {"not the last", posted("Transfer-Encoding: chunked, identity\r\n"), 400},
                      {"empty", posted("Transfer-Encoding:\r\n"), 400},
                      {"a parameter", posted("Transfer-Encoding: chunked;q=1\r\n"), 400},
                      {"list begins empty", posted("Transfer-Encoding: ,chunked\r\n"), 400},
                      {"quoted", posted("Transfer-Encoding: \"chunked\"\r\n"), 400},
                      {"vertical tab",
                       posted("Transfer-Encoding: \x0b"
                              "chunked\r\n"),
                       400},
                      {"other", posted("Transfer-Encoding: xchunked\r\n"), 501},
                      {"other", posted("Transfer-Encoding: identity\r\n"), 501},
                      {"other", posted("Transfer-Encoding: gzip, chunked\r\n"), 501},
                      {"HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
                  });
}

TEST_F(WireFraming, RefusesLinesThatDoNotEndInCrlf) {
    expectRefused(port(), {
                              {"LF request line", "GET /hello HTTP/1.1\nHost: localhost\r\n\r\n", 400},
                              {"LF field", "GET /hello HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", 400},
                              {"LF empty line", "GET /hello HTTP/1.1\r\nHost: localhost\r\n\n", 400},
                              {"all LF", "GET /hello HTTP/1.1\nHost: localhost\n\n", 400},
                              {"CR CR LF", "GET /hello HTTP/1.1\r\nHost: localhost\r\r\n\r\n", 400},
                              {"bare CR in a value", request("/hello", "X: a\rb\r\n"), 400},
                              {"bare CR hides a field", request("/hello", "X: a\rContent-Length: 5\r\n"), 400},
                              {"bare CR in the target", "GET /hel\rlo HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
                              {"LF before the request", "\nGET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
                          });
}

TEST_F(WireFraming, RefusesBytesThatNoFieldHolds) {
    std::vector<Refused> cases;
    for (int c : {0x00, 0x01, 0x07, 0x0b, 0x0c, 0x1b, 0x1f, 0x7f}) {
        const std::string byte(1, static_cast<char>(c));
        cases.push_back({"in a value", request("/hello", "X: a" + byte + "b\r\n"), 400});
        cases.push_back({"at the end of a value", request("/hello", "X: a" + byte + "\r\n"), 400});
    }
    for (const std::string& name : {"X Y"s, "X\tY"s, "X(Y"s, "X,Y"s, "X/Y"s, "[X]"s, "X@Y"s, "X{}"s, "X\"Y"s,
                                    "X\\Y"s, "\xc3\xa4"s, "X\0Y"s, ""s})
        cases.push_back({"in a name", request("/hello", name + ": z\r\n"), 400});
    expectRefused(port(), cases);
}

TEST_F(WireFraming, RefusesFieldsThatOthersReadAsSomethingElse) {
    expectRefused(port(),
                  {
                      {"fold", request("/hello", "X: a\r\n b\r\n"), 400},
                      {"fold with a tab", request("/hello", "X: a\r\n\tb\r\n"), 400},
                      {"fold of framing", posted("Transfer-Encoding:\r\n chunked\r\n"), 400},
                      {"blank before the first field", "GET /hello HTTP/1.1\r\n Host: localhost\r\n\r\n", 400},
                      {"blank before the colon", request("/hello", "X : y\r\n"), 400},
                      {"blank before the colon", posted("Transfer-Encoding : chunked\r\n"), 400},
                      {"tab before the colon", posted("Content-Length\t: 5\r\n"), 400},
                      {"no colon", request("/hello", "Nonsense\r\n"), 400},
                      {"malformed Connection", request("/hello", "Connection: a b\r\n"), 400},
                  });
}

TEST_F(WireFraming, RefusesRequestLinesOutOfShape) {
    const std::string host = "Host: localhost\r\n\r\n";
    expectRefused(port(), {
                              {"no version", "GET /hello\r\n" + host, 400},
                              {"HTTP/0.9", "GET /hello\r\n\r\n", 400},
                              {"two spaces", "GET  /hello HTTP/1.1\r\n" + host, 400},
                              {"two spaces", "GET /hello  HTTP/1.1\r\n" + host, 400},
                              {"tab", "GET\t/hello HTTP/1.1\r\n" + host, 400},
                              {"blank at the end", "GET /hello HTTP/1.1 \r\n" + host, 400},
                              {"blank at the start", " GET /hello HTTP/1.1\r\n" + host, 400},
                              {"a space in the target", "GET /hel lo HTTP/1.1\r\n" + host, 400},
                              {"not a token", "G@T /hello HTTP/1.1\r\n" + host, 400},
                              {"lower-case version", "GET /hello http/1.1\r\n" + host, 400},
                              {"long version", "GET /hello HTTP/1.10\r\n" + host, 400},
                              {"no version number", "GET /hello HTTP/x.1\r\n" + host, 400},
                              {"version 2", "GET /hello HTTP/2.0\r\n" + host, 505},
                              {"version 3", "GET /hello HTTP/3.0\r\n" + host, 505},
                              {"version 0.9", "GET /hello HTTP/0.9\r\n" + host, 505},
                              {"HTTP/2 preface, wrong", "PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n", 505},
                              {"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400},
                          });
}

TEST_F(WireFraming, AcceptsWhatIsOnlyUnusual) {
    struct {
        const char* what;
        std::string bytes;
    } cases[] = {
        {"an empty line first", "\r\n" + kHello},
        {"no blank after the colon", "GET /hello HTTP/1.1\r\nHost:localhost\r\n\r\n"},
        {"blanks around the value", "GET /hello HTTP/1.1\r\nHost: \t localhost \t \r\n\r\n"},
        {"case of names", "GET /hello HTTP/1.1\r\nhOsT: LOCALHOST\r\n\r\n"},
        {"an empty value", request("/hello", "X:\r\n")},
        {"eight bits in a value", request("/hello", "X: \xc3\xa4\xff\r\n")},
        {"a tab in a value", request("/hello", "X: a\tb\r\n")},
        {"a higher minor version", "GET /hello HTTP/1.9\r\nHost: localhost\r\n\r\n"},
        {"an unknown method", request("/hello", "", "BREW")},
        {"Content-Length 0", request("/hello", "Content-Length: 0\r\n", "POST")},
        {"zeros before a length", request("/hello", "Content-Length: 0000\r\n", "POST")},
        {"coding in any case", request("/hello", "Transfer-Encoding: \tCHUNKED \r\n", "POST") + "0\r\n\r\n"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.what);
        Answer answer = ask(port(), c.bytes);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "hello\n");
    }
}

TEST_F(WireFraming, AnswersTheSameHoweverTheBytesAreSplit) {
    const std::string good = post("/spool", "a body of some size") + request("/view?a=b", "X-One: 1\r\n");
    const std::string bad = request("/hello", "X: y\r\nX : z\r\n");
    const std::string whole = talk(port(), good + bad).bytes;
    ASSERT_NE(whole.find(" 400 "), std::string::npos);
    for (size_t step : {1u, 2u, 7u}) {
        RawClient client(port());
        client.sendSlowly(good + bad, step);
        Answer spooled = client.answer();
        EXPECT_EQ(spooled.body, "19 bytes in memory\n") << step;
        EXPECT_NE(client.answer().body.find("x-one=1\n"), std::string::npos) << step;
        EXPECT_EQ(client.answer().status, 400) << step;
    }
}

}  // namespace
}  // namespace turnpike::wire
