// What is kept from one connection to the next, and what a reload changes: sessions, certificates, staples.
#include "processes.h"
#include "tls_site.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;

class TlsSession : public TlsSite {
 protected:
    /// A session of a connection that has had an answer, which in TLS 1.3 comes with the ticket.
    Session visit(const TlsClient::Options& options = {}) const {
        TlsClient client(port(), options);
        EXPECT_TRUE(client.send(asking("/small.txt", options.server_name)));
        EXPECT_EQ(client.answer().status, 200);
        return client.session();
    }
    bool resumes(const Session& session, TlsClient::Options options = {}) const {
        options.session = session.get();
        TlsClient client(port(), options);
        EXPECT_TRUE(client.isOpen()) << client.fault();
        client.send(asking("/small.txt", options.server_name));
        EXPECT_GT(client.answer().status, 0);
        return client.wasResumed();
    }
    void reconfigure(const std::string& sites) {
        server.setup.sites = sites;
        server.writeConfig();
    }
};

/// With four workers a session that only its own one knew would be resumed a quarter of the time.
TEST_F(TlsSession, IsResumedByEveryWorker) {
    server.setup.workers = 4;
    ASSERT_TRUE(server.start());
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient::Options options;
        options.most_version = version;
        const Session session = visit(options);
        ASSERT_TRUE(session);
        for (int i = 0; i < 16; ++i) EXPECT_TRUE(resumes(session, options));
    }
    EXPECT_TRUE(eventually([&] { return counted("tls_resumed") == 32; })) << counted("tls_resumed");
}

TEST_F(TlsSession, IsResumedAfterAReload) {
    ASSERT_TRUE(server.start());
    const Session session = visit();
    ASSERT_TRUE(session);
    ASSERT_TRUE(server.reload());
    EXPECT_TRUE(resumes(session));
}

TEST_F(TlsSession, IsNotResumedForAnotherSite) {
    keep("other", makeCertificate({.name = "other.test"}));
    server.setup.sites += site("other.test", "other");
    ASSERT_TRUE(server.start());
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient::Options options = named("other.test");
        options.most_version = version;
        const Session session = visit(options);
        ASSERT_TRUE(session);
        EXPECT_TRUE(resumes(session, options));
        options.server_name = "localhost";
        EXPECT_FALSE(resumes(session, options));
    }
}

TEST_F(TlsSession, ShowsANewCertificateAfterAReloadAndKeepsItsConnections) {
    ASSERT_TRUE(server.start());
    TlsClient before(port());
    ASSERT_TRUE(before.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc"));
    keep("site", makeCertificate({.name = "renewed"}));
    std::string said;
    ASSERT_EQ(server.run("reload", &said), 0) << said;
    EXPECT_EQ(TlsClient(port()).subject(), "renewed");
    ASSERT_TRUE(before.send("def"));
    EXPECT_EQ(before.answer().body, "abcdef");
    EXPECT_EQ(before.subject(), "localhost");
}

TEST_F(TlsSession, KeepsTheOldCertificateWhenTheNewOneCannotBeUsed) {
    ASSERT_TRUE(server.start());
    const MadeCertificate stranger = makeCertificate({.name = "stranger"});
    const MadeCertificate good = makeCertificate({.name = "good"});
    const struct {
        const char* what;
        MadeCertificate files;
        const char* told;
    } cases[] = {
        {"another key", {good.certificate, stranger.key}, "site.key is not the key of the certificate"},
        {"expired", makeCertificate({.name = "old", .until_s = -60}), "site.pem has expired on 20"},
        {"not yet", makeCertificate({.name = "new", .from_s = 3600}), "site.pem is not valid before 20"},
        {"no certificate", {"nothing\n", good.key}, "site.pem holds no certificate in PEM form"},
        {"damaged", {good.certificate.substr(0, 300), good.key}, "site.pem"},
        {"no key", {good.certificate, "nothing\n"}, "site.key holds no private key"},
    };
    for (const auto& one : cases) {
        keep("site", one.files);
        std::string checked, reloaded;
        EXPECT_NE(server.run("check", &checked), 0) << one.what;
        EXPECT_THAT(checked, HasSubstr(one.told)) << one.what;
        EXPECT_THAT(checked, HasSubstr("turnpike.toml:")) << one.what;
        EXPECT_NE(server.run("reload", &reloaded), 0) << one.what;
        EXPECT_THAT(reloaded, HasSubstr(one.told)) << one.what;
        EXPECT_EQ(TlsClient(port()).subject(), "localhost") << one.what;
    }
    keep("site", good);
    std::string reloaded;
    EXPECT_EQ(server.run("reload", &reloaded), 0) << reloaded;
    EXPECT_EQ(TlsClient(port()).subject(), "good");
}

TEST_F(TlsSession, DoesNotStartWithAKeyThatEverybodyMayRead) {
    ::chmod(server.path("site.key").c_str(), 0644);
    server.writeConfig();
    EXPECT_EQ(server.startAndFail(), 1);
    EXPECT_THAT(server.output(), HasSubstr("site.key: others than its owner may read or write this key"));
    ::unlink(server.path("site.key").c_str());
    EXPECT_EQ(server.startAndFail(), 1);
    EXPECT_THAT(server.output(), HasSubstr("\"tls.key\": cannot read "));
    EXPECT_THAT(server.output(), HasSubstr("turnpike.toml:"));
}

TEST_F(TlsSession, HasItsKeyFromAFileThatItsWorkersCannotRead) {
    if (!isRoot()) GTEST_SKIP() << "needs root to have other workers";
    ASSERT_TRUE(server.start());
    EXPECT_EQ(TlsClient(port()).subject(), "localhost");
    // Nobody of the workers' user may look into them, or into the master.
    std::string said;
    for (pid_t pid : server.workers())
        EXPECT_NE(runProgram("setpriv --reuid=www-data --regid=www-data --clear-groups cat /proc/" +
                                 std::to_string(pid) + "/maps >/dev/null 2>&1",
                             &said),
                  0);
}

TEST_F(TlsSession, CarriesTheStapleOfItsFile) {
    const MadeCertificate authority = makeCertificate({.name = "authority", .is_authority = true});
    MadeCertificate made = makeCertificate({}, &authority);
    const std::string staple = makeOcsp(made, authority);
    made.certificate += authority.certificate;
    keep("site", made);
    server.folder().write("site.ocsp", staple);
    server.setup.sites = site("localhost", "site", ", ocsp = \"FOLDER/site.ocsp\"");
    ASSERT_TRUE(server.start());
    TlsClient::Options curious;
    curious.asks_staple = true;
    EXPECT_EQ(TlsClient(port(), curious).staple(), staple);
    EXPECT_EQ(TlsClient(port()).staple(), "");
    // One that is out of date is left away, and the site stays up.
    server.folder().write("site.ocsp", makeOcsp(made, authority, {.until_s = -60}));
    std::string said;
    ASSERT_EQ(server.run("reload", &said), 0) << said;
    EXPECT_EQ(TlsClient(port(), curious).staple(), "");
    EXPECT_TRUE(server.waitForLog("site.ocsp is out of date and not sent"));
    const MadeCertificate other = makeCertificate({.serial = 99}, &authority);
    const MadeCertificate stranger = makeCertificate({.name = "authority", .is_authority = true});
    const std::pair<std::string, const char*> bad[] = {
        {"nothing", "is no OCSP response in DER form"},
        {makeOcsp(other, authority), "is an OCSP response about another certificate"},
        {makeOcsp(made, authority, {.status = OcspWish::Status::Revoked}), "says that the certificate is revoked"},
        {makeOcsp(made, authority, {.status = OcspWish::Status::Unknown}),
         "says that its responder does not know"},
        {makeOcsp(made, authority, {.signer = &other}), "is not signed by the certificate's authority"},
        {makeOcsp(made, authority, {.signer = &stranger}), "is not signed by the certificate's authority"}};
    for (const auto& [bytes, told] : bad) {
        server.folder().write("site.ocsp", bytes);
        EXPECT_NE(server.run("check", &said), 0);
        EXPECT_THAT(said, HasSubstr(std::string("site.ocsp ") + told));
    }
}

TEST_F(TlsSession, TellsPlansThatCannotWork) {
    const struct {
        std::string listen, sites;
        const char* told;
    } cases[] = {
        {"127.0.0.1:PORT tls", "[[site]]\n", "speaks TLS, but no [[site]] has a certificate"},
        {"127.0.0.1:PORT", site("localhost", "site"), "nobody can get there"},
        {"127.0.0.1:PORT", "[[site]]\nredirect_https = true\n", "the site has no certificate"},
        {"127.0.0.1:PORT tsl", "[[site]]\n", "did you mean \\\"tls\\\"?"},
        {"127.0.0.1:PORT tls", "[[site]]\ntls = { certificate = \"a\" }\n", "names no \"key\""},
        {"127.0.0.1:PORT tls", "[[site]]\ntls = { certificat = \"a\" }\n", "did you mean \"certificate\"?"},
        {"127.0.0.1:PORT tls", site("localhost", "site", ", client = \"optional\""), "without \"client_ca\""},
        {"127.0.0.1:PORT tls", site("localhost", "site", "", "hsts = \"max-age=x\"\n"), "must read as"},
    };
    for (const auto& one : cases) {
        server.setup.listen = one.listen;
        reconfigure(one.sites);
        std::string said;
        EXPECT_NE(server.run("check", &said), 0) << one.told;
        std::string told = one.told;
        for (size_t at; (at = told.find('\\')) != told.npos;) told.erase(at, 1);
        EXPECT_THAT(said, HasSubstr(told));
    }
}

}  // namespace
}  // namespace turnpike::e2e
