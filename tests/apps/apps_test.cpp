// Each application from its installation to its daily work, in a real browser: over each way to run PHP, by both
// versions of HTTP, with and without a page cache.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <tuple>

#include "applications.h"
#include "browser.h"
#include "database.h"
#include "support/certificates.h"
#include "support/server_process.h"
#include "turnpike.h"

namespace turnpike::apps {
namespace {

using Case = std::tuple<Application, Gateway, Way>;

std::string nameOf(const Case& c) {
    const auto& [application, gateway, way] = c;
    return application.name + "_" + gateway.name + "_" + way.name;
}

void replaceWord(std::string& text, const std::string& word, const std::string& value) {
    for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + value.size()))
        text.replace(at, word.size(), value);
}

class Apps : public testing::TestWithParam<Case> {
 protected:
    static void TearDownTestSuite() { database().reset(); }

    /// One server for all cases, started by the first one that is not skipped.
    static std::unique_ptr<Database>& database() {
        static std::unique_ptr<Database> one;
        return one;
    }
    static void startDatabase() {
        std::vector<std::string> names;
        for (const auto& application : applications())
            for (const auto& gateway : gateways())
                for (const auto& way : ways()) names.push_back(nameOf({application, gateway, way}));
        database() = std::make_unique<Database>(names);
        ASSERT_EQ(database()->waitUntilUp(), "");
    }

    void SetUp() override {
        const auto& [application, gateway, way] = GetParam();
        if (std::string why = missing(application, gateway); !why.empty()) GTEST_SKIP() << why;
        if (!database()) startDatabase();
        server_.setup.sites = siteConfig(application, gateway, way);
        server_.setup.server = serverConfig(way);
        if (way.is_secure) useTls();
        url_ = (way.is_secure ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(server_.port());
    }

    void useTls() {
        const MadeCertificate made = makeCertificate({.until_s = 365L * 86'400});
        server_.folder().write("site.pem", made.certificate);
        server_.folder().write("site.key", made.key);
        ASSERT_EQ(::chmod(server_.path("site.key").c_str(), 0600), 0);
        server_.setup.listen = "127.0.0.1:PORT tls";
    }

    std::string install() {
        std::string command = std::get<Application>(GetParam()).install + " 2>&1", output;
        replaceWord(command, "FOLDER", server_.path("site"));
        replaceWord(command, "SOCKET", database()->socket());
        return runProgram(command, &output) == 0 ? "" : output;
    }

    int journey(std::string* told) {
        const auto& [application, gateway, way] = GetParam();
        return browse(application.name, url_, server_.path(),
                      "DATABASE=" + nameOf(GetParam()) + " PASSWORD=" + database()->password() +
                          " SOCKET=" + database()->socket() + " PROTOCOL=" + (way.is_secure ? "h2" : "http/1.1") +
                          " CACHED=" + (way.is_cached ? "yes" : ""),
                      told);
    }

    e2e::Turnpike server_;
    std::string url_;
};

TEST_P(Apps, ServesItsUsers) {
    ASSERT_EQ(install(), "");
    ASSERT_TRUE(server_.start());
    std::string told;
    EXPECT_EQ(journey(&told), 0);
    std::printf("%s", told.c_str());
    EXPECT_THAT(told, testing::HasSubstr("journey complete"));
    EXPECT_EQ(server_.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(, Apps,
                         testing::Combine(testing::ValuesIn(applications()), testing::ValuesIn(gateways()),
                                          testing::ValuesIn(ways())),
                         [](const auto& one) { return nameOf(one.param); });

}  // namespace
}  // namespace turnpike::apps
