// HTTP/2 inside TLS: agreed on by ALPN, spoken or refused.
#include "tls_site.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;
using ::testing::StartsWith;

class TlsHttp2 : public TlsSite {
 protected:
    TlsHttp2() {
        server.setup.sites = site("*", "site", "", "[[site.route]]\nprefix = \"/cgi-bin/\"\nplugin = \"cgi\"\n");
        server.folder().write("public/large.txt", std::string(300'000, 'l'));
        server.folder().write("public/cgi-bin/env", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nenv\n");
        server.folder().write("public/cgi-bin/hints",
                              "#!/bin/sh\nprintf 'Status: 103\\nLink: </a>\\n\\n'\n"
                              "printf 'Content-Type: text/plain\\n\\nhello\\n'\n");
        for (const char* program : {"public/cgi-bin/env", "public/cgi-bin/hints"})
            ::chmod(server.path(program).c_str(), 0755);
    }
    std::string curl(const std::string& how, const std::string& path) {
        std::string output;
        EXPECT_EQ(
            runProgram("curl -sSk --noproxy '*' " + how + " https://127.0.0.1:" + std::to_string(port()) + path,
                       &output),
            0)
            << output;
        return output;
    }
    static TlsClient::Options offering(const std::string& protocol) {
        TlsClient::Options options;
        options.protocols = {protocol};
        return options;
    }
};

TEST_F(TlsHttp2, IsSpokenWithWhoAsksForIt) {
    ASSERT_TRUE(server.start());
    EXPECT_EQ(curl("--http2", "/small.txt"), "small\n");
    EXPECT_EQ(curl("--http2 -o /dev/null -w '%{http_version} %{size_download}'", "/large.txt"), "2 300000");
    EXPECT_EQ(curl("--http1.1 -o /dev/null -w '%{http_version} %{size_download}'", "/large.txt"), "1.1 300000");
    EXPECT_EQ(curl("--http1.0", "/small.txt"), "small\n");
    const std::string env = curl("--http2", "/cgi-bin/env");
    for (const char* line :
         {"SERVER_PROTOCOL=HTTP/2.0\n", "HTTPS=on\n", "REQUEST_SCHEME=https\n", "SSL_PROTOCOL=TLSv1.3\n"})
        EXPECT_THAT(env, HasSubstr(line));
}

// Many programs that speak HTTP/1.1 take an interim answer for the answer itself: only where the site says so.
TEST_F(TlsHttp2, BringsEarlyHintsOverHttp1WhereTheSiteSaysSo) {
    const std::string line = "interim_http1 = true\n", bare = server.setup.sites;
    server.setup.sites.insert(bare.find("[[site.route]]"), line);
    ASSERT_TRUE(server.start());
    EXPECT_THAT(curl("--http1.1 -D -", "/cgi-bin/hints"),
                StartsWith("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_F(TlsHttp2, BringsEarlyHints) {
    ASSERT_TRUE(server.start());
    const std::string both = curl("--http2 -D -", "/cgi-bin/hints");
    EXPECT_THAT(both, StartsWith("HTTP/2 103 \r\nlink: </a>\r\n\r\nHTTP/2 200 \r\n"));
    EXPECT_THAT(both, HasSubstr("\r\n\r\nhello\n"));
    EXPECT_THAT(curl("--http1.1 -D -", "/cgi-bin/hints"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

/// RFC 6797 section 7.1: in every answer over TLS, once, errors too.
TEST_F(TlsHttp2, TellsThatOnlyTlsIsSpokenHere) {
    server.setup.sites = site("*", "site", "", "hsts = \"max-age=600\"\n");
    ASSERT_TRUE(server.start());
    for (const char* path : {"/small.txt", "/missing"}) {
        const std::string head = curl("--http2 -o /dev/null -D -", path);
        EXPECT_THAT(head, StartsWith("HTTP/2 "));
        EXPECT_THAT(head, HasSubstr("\r\nstrict-transport-security: max-age=600\r\n"));
    }
}

TEST_F(TlsHttp2, TakesManyRequestsOnAConnection) {
    ASSERT_TRUE(server.start());
    std::string output;
    EXPECT_EQ(runProgram("h2load -n 2000 -c 4 -m 16 https://127.0.0.1:" + std::to_string(port()) + "/large.txt",
                         &output),
              0);
    EXPECT_THAT(output, HasSubstr("2000 succeeded, 0 failed, 0 errored"));
}

TEST_F(TlsHttp2, IsNotOfferedWhereItIsOff) {
    server.setup.server += "http2 = false\n";
    ASSERT_TRUE(server.start());
    EXPECT_EQ(curl("--http2 -o /dev/null -w '%{http_version}'", "/small.txt"), "1.1");
}

TEST_F(TlsHttp2, IsSpokenByBothOrByNone) {
    ASSERT_TRUE(server.start());
    TlsClient agreed(port(), offering("h2"));
    ASSERT_TRUE(agreed.send(asking("/small.txt")));
    EXPECT_EQ(agreed.answer().status, 400);
    TlsClient other(port(), offering("http/1.1"));
    ASSERT_TRUE(other.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    EXPECT_THAT(other.rest(10'000), StartsWith("HTTP/1.1 "));
}

}  // namespace
}  // namespace turnpike::e2e
