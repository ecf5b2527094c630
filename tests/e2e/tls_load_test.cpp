// The load generator under TLS: it says what the server's own books say, and why it cannot go on.
#include <Poco/JSON/Parser.h>

#include "processes.h"
#include "tls_site.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;

constexpr int kRefused = 3;  // a machine that is busy with other things may make a generator the bottleneck
constexpr size_t kLarge = 300'000;

class TlsLoad : public TlsSite {
 protected:
    TlsLoad() { server.folder().write("public/large.txt", std::string(kLarge, 'x')); }
    std::string url(const std::string& path, const std::string& host = "localhost") const {
        return "https://" + host + ":" + std::to_string(port()) + path;
    }
    static std::string load(const std::string& arguments, int status) {
        std::string output;
        const int ended = runProgram(TURNPIKE_PROGRAM " load --warm-up 0 " + arguments, &output);
        EXPECT_TRUE(ended == status || (status == 0 && ended == kRefused)) << ended << ": " << output;
        return output;
    }
    static Poco::JSON::Object::Ptr loads(const std::string& arguments) {
        return Poco::JSON::Parser()
            .parse(load("--json " + arguments + " 2>/dev/null", 0))
            .extract<Poco::JSON::Object::Ptr>();
    }
    void expectCounted(const std::string& name, int wanted) const {
        EXPECT_TRUE(eventually([&] { return counted(name) == wanted; })) << name << ": " << counted(name);
    }
};

TEST_F(TlsLoad, CountsWhatTheServerCounts) {
    ASSERT_TRUE(server.start());
    auto said = loads(url("/small.txt") + " -c 8 --requests 900");
    EXPECT_EQ(said->getValue<int>("requests"), 900);
    EXPECT_EQ(said->getValue<int>("connects"), 8);
    expectCounted("requests", 900);
    expectCounted("tls_handshakes", 8);
}

TEST_F(TlsLoad, ComesBackWithTheSessionOfTheConnectionBefore) {
    ASSERT_TRUE(server.start());
    auto said = loads(url("/small.txt") + " -c 1 --requests 20 --no-keep-alive");
    EXPECT_EQ(said->getValue<int>("connects"), 20);
    expectCounted("tls_handshakes", 20);
    expectCounted("tls_resumed", 19);
}

TEST_F(TlsLoad, ReadsAnswersOfManyRecords) {
    ASSERT_TRUE(server.start());
    const auto received = loads(url("/large.txt") + " -c 3 --requests 30")->getValue<size_t>("received_bytes");
    EXPECT_GT(received, 30 * kLarge);
    EXPECT_LT(received, 30 * (kLarge + 1000));
}

TEST_F(TlsLoad, AsksAnAddressWithoutAName) {
    server.setup.sites = site("*", "site");
    ASSERT_TRUE(server.start());
    EXPECT_EQ(loads(url("/small.txt", "127.0.0.1") + " --requests 20")->getValue<int>("requests"), 20);
}

TEST_F(TlsLoad, SaysWhyThereIsNoTls) {
    ASSERT_TRUE(server.start());
    const std::string plain = "127.0.0.1:" + std::to_string(plainPort());
    EXPECT_THAT(load("https://" + plain + "/ 2>&1", 1),
                HasSubstr("no TLS connection to " + plain + ": what came is "));
    EXPECT_THAT(load("https://127.0.0.1:1/ 2>&1", 1),
                HasSubstr("no TLS connection to 127.0.0.1:1: Connection refused"));
    EXPECT_THAT(load("http://127.0.0.1:" + std::to_string(port()) + "/ 2>&1", 1), HasSubstr("status 400 for /"));
}

}  // namespace
}  // namespace turnpike::e2e
