// Who gets a TLS connection, of which kind, and for which site.
#include "processes.h"
#include "tls_site.h"

namespace turnpike::e2e {
namespace {
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using TlsHandshake = TlsSite;

TEST_F(TlsHandshake, GivesAnAnswerOverEachVersionThatIsSafe) {
    ASSERT_TRUE(server.start());
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient::Options options;
        options.least_version = options.most_version = version;
        TlsClient client(port(), options);
        ASSERT_TRUE(client.isOpen()) << client.fault();
        EXPECT_EQ(client.version(), version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(client.send(asking("/small.txt")));
            EXPECT_EQ(client.answer().body, "small\n");
        }
    }
    EXPECT_TRUE(eventually([&] { return counted("tls_handshakes") == 2; })) << counted("tls_handshakes");
    EXPECT_TRUE(eventually([&] { return counted("tls_failed") == 0; })) << counted("tls_failed");
}

TEST_F(TlsHandshake, RefusesVersionsThatAreNot) {
    ASSERT_TRUE(server.start());
    for (int version : {TLS1_VERSION, TLS1_1_VERSION}) {
        TlsClient::Options options;
        options.least_version = options.most_version = version;
        options.ciphers = "ALL:@SECLEVEL=0";
        TlsClient client(port(), options);
        EXPECT_FALSE(client.isOpen());
        EXPECT_THAT(client.fault(), HasSubstr("protocol version"));
    }
    EXPECT_TRUE(eventually([&] { return counted("tls_failed") == 2; })) << counted("tls_failed");
    EXPECT_TRUE(server.waitForLog("TLS handshake with 127.0.0.1 failed: unsupported protocol"));
}

/// An elliptic and an RSA key, so that every suite would find its kind.
TEST_F(TlsHandshake, OffersCiphersWithForwardSecrecyAndAuthenticationAlone) {
    keep("rsa", makeCertificate({.name = "rsa.test", .rsa = true}));
    server.setup.sites += site("rsa.test", "rsa");
    ASSERT_TRUE(server.start());
    SSL_CTX* all = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(all, 0);
    SSL_CTX_set_cipher_list(all, "ALL:COMPLEMENTOFALL");
    const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(all);
    int accepted = 0, tried = 0;
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
        const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
        const std::string name = SSL_CIPHER_get_name(cipher);
        if (std::string(SSL_CIPHER_get_version(cipher)) == "TLSv1.3") continue;
        ++tried;
        const bool is_aead = (name.find("-AES") != name.npos && name.find("GCM") != name.npos) ||
                             name.find("CHACHA20") != name.npos;
        const bool is_safe = is_aead && name.starts_with("ECDHE-") && name.find("PSK") == name.npos;
        TlsClient::Options options = named(name.find("RSA") != name.npos ? "rsa.test" : "localhost");
        options.most_version = TLS1_2_VERSION;
        options.ciphers = name + ":@SECLEVEL=0";
        TlsClient client(port(), options);
        EXPECT_EQ(client.isOpen(), is_safe) << name << ": " << client.fault();
        accepted += client.isOpen() ? 1 : 0;
    }
    SSL_CTX_free(all);
    EXPECT_EQ(accepted, 6);
    EXPECT_GT(tried, 30);
}

TEST_F(TlsHandshake, RefusesToNegotiateAgain) {
    ASSERT_TRUE(server.start());
    TlsClient::Options options;
    options.most_version = TLS1_2_VERSION;
    TlsClient client(port(), options);
    ASSERT_TRUE(client.isOpen());
    EXPECT_FALSE(client.renegotiates());
    EXPECT_THAT(client.fault(), HasSubstr("no renegotiation"));
}

TEST_F(TlsHandshake, ShowsTheCertificateOfTheSiteThatIsNamed) {
    keep("exact", makeCertificate({.name = "a.example.org"}));
    keep("wild", makeCertificate({.name = "wildcard", .hosts = {"*.example.org"}}));
    keep("any", makeCertificate({.name = "default"}));
    server.setup.sites = site("a.example.org", "exact") + site("*.example.org", "wild") + site("*", "any");
    ASSERT_TRUE(server.start());
    EXPECT_EQ(TlsClient(port(), named("a.example.org")).subject(), "a.example.org");
    EXPECT_EQ(TlsClient(port(), named("A.Example.ORG")).subject(), "a.example.org");
    EXPECT_EQ(TlsClient(port(), named("b.example.org")).subject(), "wildcard");
    EXPECT_EQ(TlsClient(port(), named("elsewhere.test")).subject(), "default");
    EXPECT_EQ(TlsClient(port(), named("")).subject(), "default");
}

TEST_F(TlsHandshake, TurnsAwayWhoNamesASiteThatIsNotThere) {
    server.setup.sites += "[[site]]\nname = \"plain\"\nhosts = [\"plain.test\"]\n";
    ASSERT_TRUE(server.start());
    for (const char* name : {"elsewhere.test", "plain.test"}) {
        TlsClient client(port(), named(name));
        EXPECT_FALSE(client.isOpen()) << name;
        EXPECT_THAT(client.fault(), HasSubstr("unrecognized name"));
    }
    EXPECT_EQ(TlsClient(port(), named("")).subject(), "localhost");
}

TEST_F(TlsHandshake, IsGoodForTheSitesOfOneCertificateOnly) {
    keep("other", makeCertificate({.name = "other.test"}));
    server.setup.sites = site("localhost", "site") + site("other.test", "other") +
                         site("twin.test", "site", "", "").replace(9, 13, "name = \"twin\"");
    ASSERT_TRUE(server.start());
    TlsClient client(port());
    EXPECT_TRUE(client.send(asking("/small.txt", "twin.test")));
    EXPECT_EQ(client.answer().status, 200);
    EXPECT_TRUE(client.send(asking("/small.txt", "other.test")));
    Answer refused = client.answer();
    EXPECT_EQ(refused.status, 421);
    EXPECT_THAT(refused.body, ::testing::Not(HasSubstr("small")));
    EXPECT_TRUE(server.waitForLog("made for a site with another certificate"));
    // Nor the other way round: who names nobody got the first certificate.
    TlsClient nameless(port(), named(""));
    EXPECT_TRUE(nameless.send(asking("/small.txt", "other.test")));
    EXPECT_EQ(nameless.answer().status, 421);
}

TEST_F(TlsHandshake, AgreesOnTheProtocolThatItSpeaks) {
    ASSERT_TRUE(server.start());
    TlsClient::Options options;
    options.protocols = {"h2", "http/1.1"};
    EXPECT_EQ(TlsClient(port(), options).protocol(), "h2");
    options.protocols = {"http/1.1"};
    EXPECT_EQ(TlsClient(port(), options).protocol(), "http/1.1");
    options.protocols = {};
    EXPECT_EQ(TlsClient(port(), options).protocol(), "");
    options.protocols = {"spdy/1", "smtp"};
    TlsClient client(port(), options);
    EXPECT_FALSE(client.isOpen());
    EXPECT_THAT(client.fault(), HasSubstr("no application protocol"));
}

TEST_F(TlsHandshake, TellsPlainHttpWhereItHasCome) {
    ASSERT_TRUE(server.start());
    RawClient client(port());
    ASSERT_TRUE(client.send(asking("/small.txt")));
    Answer answer = client.answer();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.field("connection"), "close");
    EXPECT_THAT(answer.body, HasSubstr("https://"));
    EXPECT_EQ(client.rest(), "");
    // Byte by byte, and with more requests behind it.
    RawClient slow(port());
    slow.sendSlowly(asking("/small.txt") + asking("/small.txt"), 1);
    EXPECT_EQ(slow.answer().status, 400);
    bool closed = false;
    EXPECT_EQ(slow.rest(5000, &closed), "");
    EXPECT_TRUE(closed);
    EXPECT_TRUE(eventually([&] { return server.read("access.log").find(" 400 ") != std::string::npos; }));
}

TEST_F(TlsHandshake, EndsWhatIsNeitherTlsNorHttp) {
    ASSERT_TRUE(server.start());
    for (const std::string& bytes : {std::string("\x80\x2e\x01\x00\x02", 5), std::string("SSH-2.0-x\r\n"),
                                     std::string(100, '\0'), std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                                     std::string("\x16\x03\x01\xff\xff") + std::string(70'000, 'x'),
                                     std::string("\x16\x03\x03\x00\x04\x01\x00\x00\x00", 9)}) {
        RawClient client(port());
        client.send(bytes);
        bool closed = false;
        client.endSending();
        const std::string said = client.rest(10'000, &closed);
        EXPECT_TRUE(closed);
        EXPECT_THAT(said, AnyOf("", StartsWith("\x15\x03"))) << bytes.substr(0, 10);  // an alert, nothing else
    }
    EXPECT_TRUE(eventually([&] { return counted("tls_failed") == 6; })) << counted("tls_failed");
}

TEST_F(TlsHandshake, IsNotWaitedForTooLong) {
    server.setup.limits = "handshake = \"200ms\"\n";
    ASSERT_TRUE(server.start());
    RawClient silent(port()), begun(port());
    silent.send("\x16");
    begun.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
    for (RawClient* client : {&silent, &begun}) {
        bool closed = false;
        EXPECT_EQ(client->rest(10'000, &closed), "");
        EXPECT_TRUE(closed);
    }
    EXPECT_TRUE(eventually([&] { return counted("tls_failed") == 2; }));
    EXPECT_TRUE(server.waitForLog("limits.handshake"));
    // Afterwards the limits of a request hold, not this one.
    TlsClient client(port());
    EXPECT_TRUE(client.sendSlowly(asking("/small.txt"), 1));
    EXPECT_EQ(client.answer().status, 200);
}

/// One line a second at most, however many fail.
TEST_F(TlsHandshake, FailsWithoutFloodingTheLog) {
    ASSERT_TRUE(server.start());
    for (int i = 0; i < 300; ++i) {
        RawClient client(port());
        client.send("garbage");
        client.endSending();
        client.rest();
    }
    EXPECT_TRUE(eventually([&] { return counted("tls_failed") == 300; })) << counted("tls_failed");
    const std::string log = server.errorLog();
    size_t lines = 0;
    for (size_t at = 0; (at = log.find("TLS handshake", at)) != log.npos; ++at) ++lines;
    EXPECT_LT(lines, 100u);
    EXPECT_GE(lines, 1u);
}

}  // namespace
}  // namespace turnpike::e2e
