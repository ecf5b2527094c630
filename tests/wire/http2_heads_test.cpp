// The head of an HTTP/2 request: what is malformed, what is refused, and what a plugin gets to see (RFC 9113 8).
#include "http2.h"

namespace turnpike::wire {
namespace {

class WireHttp2Heads : public WireTest<WireHttp2Heads> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>("request_line = 200\nfield = 300\nfields_total = 4000\nfields = 20");
    }
};

TEST_F(WireHttp2Heads, AreResetWhenTheyAreMalformed) {
    const Fields path = {
        {":method", "GET"}, {":scheme", "http"}, {":authority", "localhost"}, {":path", "/hello"}};
    const auto with = [&](const Fields& more) { return H2::fieldsOf("GET", "/hello", more); };
    const auto without = [&](const std::string& name) {
        Fields left = path;
        std::erase_if(left, [&](const auto& f) { return f.first == name; });
        return left;
    };
    const struct {
        const char* what;
        Fields fields;
    } cases[] = {
        {"upper case", with({{"X-Upper", "1"}})},
        {"no name", with({{"", "1"}})},
        {"blank in a name", with({{"a b", "1"}})},
        {"colon in a name", with({{"a:b", "1"}})},
        {"CR in a value", with({{"a", "b\rc"}})},
        {"LF in a value", with({{"a", "b\nc: d"}})},
        {"NUL in a value", with({{"a", std::string("b\0c", 3)}})},
        {"blank before a value", with({{"a", " b"}})},
        {"blank behind a value", with({{"a", "b\t"}})},
        {"connection", with({{"connection", "close"}})},
        {"keep-alive", with({{"keep-alive", "1"}})},
        {"proxy-connection", with({{"proxy-connection", "close"}})},
        {"transfer-encoding", with({{"transfer-encoding", "chunked"}})},
        {"upgrade", with({{"upgrade", "h2c"}})},
        {"te", with({{"te", "gzip"}})},
        {"te with more", with({{"te", "trailers, gzip"}})},
        {"pseudo behind others", {{":method", "GET"}, {"a", "b"}, {":scheme", "http"}, {":path", "/hello"}}},
        {"unknown pseudo", with({{":unknown", "1"}})},
        {"extended CONNECT", with({{":protocol", "websocket"}})},
        {"response pseudo", with({{":status", "200"}})},
        {"two paths", with({{":path", "/hello"}})},
        {"two methods", with({{":method", "GET"}})},
        {"two schemes", with({{":scheme", "http"}})},
        {"two authorities", with({{":authority", "localhost"}})},
        {"no method", without(":method")},
        {"no scheme", without(":scheme")},
        {"no path", without(":path")},
        {"empty path", H2::fieldsOf("GET", "")},
        {"bad method", H2::fieldsOf("G T", "/hello")},
        {"CR in the path", H2::fieldsOf("GET", "/hel\rlo")},
        {"CONNECT with a path", H2::fieldsOf("CONNECT", "/hello")},
        {"CONNECT without authority", {{":method", "CONNECT"}}},
        {"length without a body", with({{"content-length", "1"}})},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.what);
        H2 client(port());
        const Http2Answer& got = client.answer(client.request(c.fields));
        EXPECT_EQ(got.reset, H2::kProtocolError);
        EXPECT_EQ(got.status, 0);
        expectAnswers(client);
    }
}

TEST_F(WireHttp2Heads, AreRefusedWithTheStatusThatHttp1Gives) {
    const auto with = [](const Fields& more) { return H2::fieldsOf("GET", "/hello", more); };
    const auto at = [](const std::string& authority) {
        return Fields{{":method", "GET"}, {":scheme", "http"}, {":authority", authority}, {":path", "/hello"}};
    };
    Fields many = H2::fieldsOf("GET", "/hello");
    for (int i = 0; i < 20; ++i) many.emplace_back("x", std::to_string(i));
    const struct {
        const char* what;
        Fields fields;
        int status;
    } cases[] = {
        {"no host at all", {{":method", "GET"}, {":scheme", "http"}, {":path", "/hello"}}, 400},
        {"host differs", with({{"host", "other.example.org"}}), 400},
        {"port differs", with({{"host", "localhost:81"}}), 400},
        {"two hosts", with({{"host", "localhost"}, {"host", "localhost"}}), 400},
        {"userinfo", at("me@localhost"), 400},
        {"empty authority", at(""), 400},
        {"port junk", at("localhost:80x"), 400},
        {"unknown host", at("elsewhere"), 421},
        {"https",
         {{":method", "GET"}, {":scheme", "https"}, {":authority", "localhost"}, {":path", "/hello"}},
         421},
        {"ftp", {{":method", "GET"}, {":scheme", "ftp"}, {":authority", "localhost"}, {":path", "/hello"}}, 400},
        {"absolute path form", H2::fieldsOf("GET", "http://localhost/hello"), 400},
        {"star", H2::fieldsOf("GET", "*"), 400},
        {"fragment", H2::fieldsOf("GET", "/hello#a"), 400},
        {"NUL escape", H2::fieldsOf("GET", "/hello%00"), 400},
        {"dots", H2::fieldsOf("GET", "/../x"), 400},
        {"CONNECT", {{":method", "CONNECT"}, {":authority", "localhost:80"}}, 405},
        {"TRACE", H2::fieldsOf("TRACE", "/hello"), 405},
        {"two lengths", with({{"content-length", "0"}, {"content-length", "0"}}), 400},
        {"bad length", with({{"content-length", "+0"}}), 400},
        {"expectation", with({{"expect", "the best"}}), 417},
        {"long path", H2::fieldsOf("GET", "/hello?" + std::string(200, 'q')), 414},
        {"long field", with({{"x", std::string(300, 'v')}}), 431},
        {"many fields", many, 431},
        {"large fields", with({{"a", std::string(5000, 'v')}}), 431},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.what);
        H2 client(port());
        const Http2Answer& got = client.answer(client.request(c.fields));
        EXPECT_EQ(got.status, c.status);
        EXPECT_TRUE(got.ended);
        EXPECT_FALSE(got.reset);
        EXPECT_FALSE(got.body.empty());
        expectAnswers(client);
    }
}

TEST_F(WireHttp2Heads, ReachAPluginAsThoseOfHttp1Do) {
    H2 client(port());
    const Http2Answer& got = client.answer(client.get("/view?a=b&c", {{"cookie", "a=1"},
                                                                      {"x-a", "1"},
                                                                      {"cookie", "b=2"},
                                                                      {"te", "trailers"},
                                                                      {"proxy", "evil"},
                                                                      {"cookie", "c=3"},
                                                                      {"trailer", "x"}}));
    EXPECT_TRUE(got.ended);
    for (const char* line : {"method=GET", "path=/view", "query=a=b&c", "host=localhost", "protocol=HTTP/2.0",
                             "remote=127.0.0.1", "x-a=1", "cookie=a=1; b=2; c=3"})
        EXPECT_TRUE(hasLine(got.body, line)) << line << "\n" << got.body;
    for (const char* name : {"te=", "proxy=", "trailer=", ":path="})
        EXPECT_EQ(("\n" + got.body).find(std::string("\n") + name), std::string::npos) << got.body;
}

TEST_F(WireHttp2Heads, TakeTheHostFromAuthorityOrHost) {
    H2 client(port());
    const Fields only_host = {
        {":method", "GET"}, {":scheme", "http"}, {":path", "/view"}, {"host", "WWW.Example.org:80"}};
    EXPECT_TRUE(hasLine(client.answer(client.request(only_host)).body, "host=www.example.org"));
    const Fields both = {{":method", "GET"},
                         {":scheme", "http"},
                         {":authority", "A.example.org"},
                         {":path", "/view"},
                         {"host", "a.Example.org:80"}};
    const std::string& body = client.answer(client.request(both)).body;
    EXPECT_TRUE(hasLine(body, "host=a.example.org")) << body;
    EXPECT_TRUE(hasLine(body, "host=a.example.org:80")) << body;
}

TEST_F(WireHttp2Heads, GoOnInContinuations) {
    H2 client(port());
    const std::string block = client.block(H2::fieldsOf("GET", "/view", {{"x-long", std::string(250, 'l')}}));
    const uint32_t stream = client.nextStream();
    client.sendFrame(H2::kHeaders, H2::kEnd, stream, block.substr(0, 1));
    client.sendFrame(H2::kContinue, 0, stream, block.substr(1, 20));
    client.sendFrame(H2::kContinue, H2::kEndHeaders, stream, block.substr(21));
    EXPECT_TRUE(hasLine(client.answer(stream).body, "x-long=" + std::string(250, 'l')));
}

TEST_F(WireHttp2Heads, AreTheSameHoweverTheBytesAreSplit) {
    H2 client(port());
    expectAnswers(client);
    const std::string block = client.block(H2::fieldsOf("GET", "/hello"));
    const uint32_t stream = client.nextStream();
    for (char byte : H2::frame(H2::kHeaders, H2::kEnd | H2::kEndHeaders, stream, block)) {
        client.send({&byte, 1});
        client.read(1);
    }
    EXPECT_EQ(client.answer(stream).body, "hello\n");
}

TEST_F(WireHttp2Heads, AnOptionsOfTheServerIsAnswered) {
    H2 client(port());
    const Http2Answer& got = client.answer(client.request(H2::fieldsOf("OPTIONS", "*")));
    EXPECT_EQ(got.status, 204);
    EXPECT_FALSE(got.field("allow").empty());
    EXPECT_TRUE(got.ended);
}

TEST(WireHttp2Off, ThePrefaceIsRefused) {
    Site site("", "", "", "http2 = false");
    Talk got = talk(site.port(), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    EXPECT_EQ(got.status, 505);
    EXPECT_TRUE(got.closed);
}

}  // namespace
}  // namespace turnpike::wire
