// Whom the site sees when the cache renews an answer by itself: over TLS, behind proxies, and nobody's secrets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cache_site.h"
#include "processes.h"
#include "support/certificates.h"
#include "support/server_process.h"
#include "support/tls_client.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;
using ::testing::Not;

class CacheClients : public CacheSite {
 protected:
    CacheClients() : tls_port_(freePort()), proxy_port_(freePort()) {}
    /// Each run of "told" leaves its variables in runs/told-N. Its first answer is stale at once.
    void SetUp() override {
        CacheSite::SetUp();
        program("told",
                "cd ../../runs\necho run >> told\nn=`wc -l < told`\nenv > making-$n\nmv making-$n told-$n\n"
                "age=600\nif [ $n = 1 ]; then age=0; fi\n"
                "printf 'Content-Type: text/plain\\nCache-Control: public, max-age='$age', "
                "stale-while-revalidate=600\\n\\n'\n"
                "echo version $n\n");
        keep("ca", ca_);
        keep("site", makeCertificate());
        keep("ada", makeCertificate({.name = "ada"}, &ca_));
        server.setup.listen = "127.0.0.1:PORT\", \"127.0.0.1:" + std::to_string(tls_port_) +
                              " tls\", \"127.0.0.1:" + std::to_string(proxy_port_);
        server.setup.server =
            "trusted_proxies = [\"127.0.0.1\"]\nproxy_protocol = [\"127.0.0.1:" + std::to_string(proxy_port_) +
            "\"]\n";
        configure("harmless_cookies = [\"*\"]");
        server.setup.sites.insert(
            server.setup.sites.find("[[site.hook]]"),
            "hosts = [\"localhost\"]\ntls = { certificate = \"FOLDER/site.pem\", key = \"FOLDER/site.key\", "
            "client_ca = \"FOLDER/ca.pem\", client = \"optional\" }\n"
            "[[site.hook]]\nplugin = \"access\"\nallow = [\"127.0.0.1\", \"192.0.2.0/24\"]\n");
        ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    }
    void keep(const std::string& name, const MadeCertificate& made) const {
        server.folder().write(name + ".pem", made.certificate);
        server.folder().write(name + ".key", made.key);
        ::chmod(server.path(name + ".key").c_str(), 0600);
    }
    static std::string asking(const std::string& fields = "") {
        return "GET /bin/told HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + fields + "\r\n";
    }
    static std::string version(int n) { return "version " + std::to_string(n) + "\n"; }
    /// What the site was told by its run `n`, once that has come about.
    std::string told(int n) const {
        std::string variables;
        EXPECT_TRUE(
            eventually([&] { return !(variables = server.read("runs/told-" + std::to_string(n))).empty(); }));
        return variables;
    }
    /// Stores the first answer, gets it again, and waits for the one that the cache has asked for.
    template <class Ask>
    std::string renew(Ask ask) const {
        EXPECT_EQ(ask(), version(1));
        EXPECT_EQ(ask(), version(1));
        std::string variables = told(2);
        EXPECT_TRUE(eventually([&] { return ask() == version(2); }));
        EXPECT_EQ(runs("told"), 2u);
        return variables;
    }
    static void expectNoSecrets(const std::string& variables) {
        for (const char* name : {"HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP",
                                 "REMOTE_USER", "SSL_CLIENT_S_DN", "secret"})
            EXPECT_THAT(variables, Not(HasSubstr(name)));
    }
    uint16_t tlsPort() const { return tls_port_; }
    uint16_t proxyPort() const { return proxy_port_; }

 private:
    const MadeCertificate ca_ = makeCertificate({.name = "authority", .is_authority = true});
    uint16_t tls_port_, proxy_port_;
};

TEST_F(CacheClients, AreRenewedForOverTls) {
    const std::string variables = renew([&] {
        TlsClient client(tlsPort());
        client.send(asking("Cookie: secret=1\r\nX-Real-IP: 192.0.2.9\r\n"));
        return client.answer().body;
    });
    EXPECT_THAT(variables, HasSubstr("HTTPS=on\n"));
    EXPECT_THAT(variables, HasSubstr("SSL_PROTOCOL=TLSv1.3\n"));
    EXPECT_THAT(variables, HasSubstr("SSL_CLIENT_VERIFY=NONE\n"));
    expectNoSecrets(variables);
    EXPECT_EQ(ask(server.port(), asking()).body, version(3)) << "what came without TLS is another answer";
}

TEST_F(CacheClients, BringItThemselvesWhoShowACertificate) {
    auto ask_as = [&](const std::string& who) {
        TlsClient::Options options;
        if (!who.empty()) options.certificate = server.path(who + ".pem");
        if (!who.empty()) options.key = server.path(who + ".key");
        TlsClient client(tlsPort(), options);
        client.send(asking());
        return client.answer().body;
    };
    EXPECT_EQ(ask_as(""), version(1));
    EXPECT_EQ(ask_as("ada"), version(2));
    EXPECT_THAT(told(2), HasSubstr("SSL_CLIENT_S_DN=CN=ada\n"));
    EXPECT_EQ(totals("background"), 0);
}

TEST_F(CacheClients, AreRenewedForBehindATrustedProxy) {
    const std::string variables = renew([&] {
        return ask(server.port(), asking("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"
                                         "X-Real-IP: 192.0.2.1\r\nCookie: secret=1\r\n"))
            .body;
    });
    EXPECT_THAT(variables, HasSubstr("REMOTE_ADDR=192.0.2.1\n")) << "the same guards hold for it";
    EXPECT_THAT(variables, HasSubstr("HTTPS=on\n"));
    expectNoSecrets(variables);
    EXPECT_EQ(ask(server.port(), asking("X-Forwarded-For: 198.51.100.1\r\n")).status, 403);
}

TEST_F(CacheClients, AreRenewedForBehindTheProxyProtocol) {
    const std::string variables = renew([&] {
        return ask(proxyPort(), "PROXY TCP4 192.0.2.7 127.0.0.1 4711 80\r\n" +
                                    asking("X-Forwarded-For: 192.0.2.8\r\nCookie: secret=1\r\n"))
            .body;
    });
    EXPECT_THAT(variables, HasSubstr("REMOTE_ADDR=192.0.2.7\n"));
    EXPECT_THAT(variables, Not(HasSubstr("HTTPS=")));
    expectNoSecrets(variables);
    EXPECT_EQ(ask(proxyPort(), "PROXY TCP4 198.51.100.1 127.0.0.1 4711 80\r\n" + asking()).status, 403);
}

}  // namespace
}  // namespace turnpike::e2e
