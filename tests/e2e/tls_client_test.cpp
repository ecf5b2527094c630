// Clients that show certificates, and what programs and browsers are told of TLS.
#include "tls_site.h"

namespace turnpike::e2e {
namespace {
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

class TlsClients : public TlsSite {
 protected:
    TlsClients() {
        keep("ca", ca);
        keep("ada", makeCertificate({.name = "ada", .serial = 0x1f2e}, &ca));
        keep("eve", makeCertificate({.name = "eve"}));
        server.folder().write("public/cgi/env", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nenv\n");
        ::chmod(server.path("public/cgi/env").c_str(), 0755);
    }
    /// A site that asks for certificates of the authority, with a program that prints its variables.
    static std::string asksSite(const std::string& host, const std::string& more) {
        std::string text = site(host, "site", ", client_ca = \"FOLDER/ca.pem\"" + more);
        text.insert(text.find("[[site.route]]"), "[[site.route]]\nprefix = \"/cgi/\"\nplugin = \"cgi\"\n");
        return text;
    }
    TlsClient::Options as(const std::string& who, int version = 0) const {
        TlsClient::Options options;
        options.most_version = version;
        if (!who.empty()) {
            options.certificate = server.path(who + ".pem");
            options.key = server.path(who + ".key");
        }
        return options;
    }
    Answer env(const TlsClient::Options& options) const {
        TlsClient client(port(), options);
        client.send(asking("/cgi/env", options.server_name));
        return client.answer();
    }
    MadeCertificate ca = makeCertificate({.name = "authority", .is_authority = true});
};

TEST_F(TlsClients, AreTurnedAwayWithoutACertificateWhereItIsRequired) {
    server.setup.sites = asksSite("localhost", "");
    ASSERT_TRUE(server.start());
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Answer known = env(as("ada", version));
        EXPECT_EQ(known.status, 200);
        EXPECT_THAT(known.body, HasSubstr("SSL_CLIENT_VERIFY=SUCCESS\n"));
        EXPECT_THAT(known.body, HasSubstr("SSL_CLIENT_S_DN=CN=ada\n"));
        EXPECT_THAT(known.body, HasSubstr("SSL_CLIENT_I_DN=CN=authority\n"));
        EXPECT_THAT(known.body, HasSubstr("SSL_CLIENT_M_SERIAL=1F2E\n"));
        for (const char* who : {"", "eve"}) EXPECT_EQ(env(as(who, version)).status, 0) << who;
    }
    TlsClient none(port(), as("", TLS1_3_VERSION));
    none.send(asking("/small.txt"));
    EXPECT_EQ(none.answer().status, 0);
    EXPECT_THAT(none.fault(), HasSubstr("certificate required"));
}

TEST_F(TlsClients, AreLetInWithoutACertificateWhereItIsOptional) {
    server.setup.sites = asksSite("localhost", ", client = \"optional\"");
    ASSERT_TRUE(server.start());
    Answer none = env(as(""));
    EXPECT_EQ(none.status, 200);
    EXPECT_THAT(none.body, HasSubstr("SSL_CLIENT_VERIFY=NONE\n"));
    EXPECT_THAT(none.body, Not(HasSubstr("SSL_CLIENT_S_DN")));
    EXPECT_THAT(env(as("ada")).body, HasSubstr("SSL_CLIENT_S_DN=CN=ada\n"));
    EXPECT_EQ(env(as("eve")).status, 0);  // a wrong one is worse than none
}

/// A session of a site that asks nobody is no way around one that does, nor is its connection.
TEST_F(TlsClients, CannotGoAroundASiteThatAsksForThem) {
    server.setup.sites = asksSite("localhost", "") + site("open.test", "site").replace(9, 13, "name = \"open\"");
    ASSERT_TRUE(server.start());
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient::Options options = named("open.test");
        options.most_version = version;
        TlsClient open(port(), options);
        open.send(asking("/small.txt", "open.test"));
        EXPECT_EQ(open.answer().status, 200);
        open.send(asking("/small.txt", "localhost"));
        EXPECT_EQ(open.answer().status, 421);
        const Session session = open.session();
        ASSERT_TRUE(session);
        options.server_name = "localhost";
        options.session = session.get();
        TlsClient resumed(port(), options);
        resumed.send(asking("/small.txt"));
        EXPECT_EQ(resumed.answer().status, 0);
    }
}

TEST_F(TlsClients, StayWhoTheyAreWhenTheyComeBack) {
    server.setup.sites = asksSite("localhost", "");
    ASSERT_TRUE(server.start());
    TlsClient first(port(), as("ada"));
    first.send(asking("/small.txt"));
    ASSERT_EQ(first.answer().status, 200);
    const Session session = first.session();
    ASSERT_TRUE(session);
    TlsClient::Options options;
    options.session = session.get();
    TlsClient again(port(), options);
    again.send(asking("/cgi/env"));
    EXPECT_THAT(again.answer().body, HasSubstr("SSL_CLIENT_S_DN=CN=ada\n"));
    EXPECT_TRUE(again.wasResumed());
}

TEST_F(TlsClients, AreToldByHttpsOnThatTheyAreSafe) {
    server.setup.sites = asksSite("localhost", ", client = \"optional\"");
    ASSERT_TRUE(server.start());
    Answer secure = env(as(""));
    for (const char* variable : {"\nHTTPS=on\n", "\nREQUEST_SCHEME=https\n", "\nSSL_PROTOCOL=TLSv1.3\n"})
        EXPECT_THAT("\n" + secure.body, HasSubstr(variable));
    EXPECT_THAT(secure.body, HasSubstr("SERVER_PORT=" + std::to_string(port())));
    Answer plain = get(plainPort(), "/cgi/env");
    EXPECT_EQ(plain.status, 200);
    EXPECT_THAT(plain.body, Not(AnyOf(HasSubstr("HTTPS=on"), HasSubstr("SSL_"))));
    EXPECT_THAT(plain.body, HasSubstr("REQUEST_SCHEME=http\n"));
}

TEST_F(TlsClients, AreSentFromPlainHttpToTls) {
    server.setup.sites = site("localhost", "site", "", "redirect_https = true\nhsts = \"max-age=600\"\n");
    ASSERT_TRUE(server.start());
    const std::string there = "https://localhost:" + std::to_string(port());
    Answer got = get(plainPort(), "/a%20b/?x=1&y=%0d%0a");
    EXPECT_EQ(got.status, 301);
    EXPECT_EQ(got.field("location"), there + "/a%20b/?x=1&y=%0d%0a");
    EXPECT_EQ(got.field("strict-transport-security"), "");
    Answer posted = ask(plainPort(), "POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_EQ(posted.status, 308);
    EXPECT_EQ(posted.field("location"), there + "/form");
    EXPECT_EQ(ask(plainPort(), "GET http://localhost/abs HTTP/1.1\r\nHost: localhost\r\n\r\n").field("location"),
              there + "/abs");
    TlsClient client(port());
    for (const char* path : {"/small.txt", "/not-there", "/redirect"}) {
        client.send(asking(path));
        Answer answer = client.answer();
        EXPECT_NE(answer.status, 301);
        EXPECT_EQ(answer.field("strict-transport-security"), "max-age=600") << path;
    }
}

}  // namespace
}  // namespace turnpike::e2e
