// The kernel encrypts what is sent (server.ktls), where it can: tests/limits/vm.sh runs this, and the other tests
// of TLS, on one that does. Elsewhere all is as without, and the operator is told.
#include <chrono>
#include <fstream>
#include <thread>

#include "processes.h"
#include "tls_site.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kWarning = "server.ktls: this kernel cannot encrypt";

bool kernelEncrypts() {
    std::ifstream protocols("/proc/sys/net/ipv4/tcp_available_ulp");
    for (std::string word; protocols >> word;)
        if (word == "tls") return true;
    return false;
}

class TlsOff : public TlsSite {};

TEST_F(TlsOff, IsWhatIsNotAskedFor) {
    server.setup.server.clear();
    ASSERT_TRUE(server.start());
    TlsClient client(port());
    ASSERT_TRUE(client.send(asking("/small.txt")));
    EXPECT_EQ(client.answer().body, "small\n");
    EXPECT_EQ(counted("tls_handshakes"), 1);
    EXPECT_EQ(counted("tls_kernel"), 0);
    EXPECT_THAT(server.errorLog(), Not(HasSubstr(kWarning)));
}

TEST_F(TlsOff, IsToldWhereTheKernelCannot) {
    server.setup.server = "ktls = true\n";
    ASSERT_TRUE(server.start());
    if (kernelEncrypts()) GTEST_SKIP() << "this one can";  // asked for it, a kernel may load its module
    TlsClient client(port());
    ASSERT_TRUE(client.send(asking("/small.txt")));
    EXPECT_EQ(client.answer().body, "small\n");
    EXPECT_EQ(counted("tls_kernel"), 0);
    EXPECT_THAT(server.errorLog(), HasSubstr(kWarning));
}

class TlsKernel : public TlsSite {
 protected:
    void SetUp() override {
        if (!kernelEncrypts()) GTEST_SKIP() << "this kernel has no TLS (modprobe tls)";
        server.setup.server = "ktls = true\n";
        server.setup.workers = 1;
        server.folder().write("public/large.txt", large);
        ASSERT_TRUE(server.start());
    }
    /// System calls of a class of the ledger, of all requests so far.
    uint64_t calls(const std::string& of) const {
        auto ledger = server.status()->getObject("totals")->getObject("crossings");
        return ledger->getObject(of)->getValue<Poco::UInt64>("calls");
    }
    std::string large = std::string(3'000'000, 'x') + "end";
};

TEST_F(TlsKernel, SendsUnderEachVersionAndCipher) {
    int handshakes = 0;
    for (const char* cipher :
         {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", ""}) {
        TlsClient::Options options;
        options.ciphers = cipher;
        if (!options.ciphers.empty()) options.most_version = TLS1_2_VERSION;
        TlsClient client(port(), options);
        for (const char* path : {"/small.txt", "/large.txt", "/small.txt"}) {
            ASSERT_TRUE(client.send(asking(path))) << cipher;
            EXPECT_EQ(client.answer().body, path == std::string("/small.txt") ? "small\n" : large) << cipher;
        }
        ++handshakes;
    }
    EXPECT_TRUE(eventually([&] { return counted("tls_kernel") == handshakes; })) << counted("tls_kernel");
}

/// Without it each 64 KiB would be read into the server first.
TEST_F(TlsKernel, ReadsNoFileToSendIt) {
    TlsClient client(port());
    ASSERT_TRUE(client.send(asking("/small.txt")));
    EXPECT_EQ(client.answer().body, "small\n");
    const uint64_t before = calls("file");
    ASSERT_TRUE(client.send(asking("/large.txt")));
    EXPECT_EQ(client.answer().body.size(), large.size());
    EXPECT_LT(calls("file") - before, 10u);
}

TEST_F(TlsKernel, SaysGoodbyeBehindTheLastByte) {
    TlsClient client(port());
    ASSERT_TRUE(client.send("GET /large.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    EXPECT_THAT(client.rest(), ::testing::EndsWith("xend"));
    EXPECT_TRUE(client.wasToldTheEnd());
}

/// The kernel says that it has a record before all of it fits the socket: nobody may end the connection by then.
/// vm.sh gives sockets little room.
TEST_F(TlsKernel, LosesNothingOfTheLastRecord) {
    for (size_t size = 40'000; size < 120'000; size += 1024) {
        TlsClient client(port());
        ASSERT_TRUE(
            client.send("GET /large.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nRange: bytes=0-" +
                        std::to_string(size - 1) + "\r\n\r\n"));
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // what fits is in the socket by then, mostly
        const std::string all = client.rest();
        ASSERT_EQ(all.size() - all.find("\r\n\r\n") - 4, size);
        EXPECT_TRUE(client.wasToldTheEnd()) << size;
    }
}

/// Tickets go by a call of OpenSSL's own.
TEST_F(TlsKernel, GivesTicketsToComeBackWith) {
    TlsClient first(port());
    ASSERT_TRUE(first.send(asking("/small.txt")));
    EXPECT_EQ(first.answer().body, "small\n");
    const Session session = first.session();
    ASSERT_TRUE(session);
    TlsClient::Options options;
    options.session = session.get();
    TlsClient second(port(), options);
    EXPECT_TRUE(second.wasResumed());
    ASSERT_TRUE(second.send(asking("/large.txt")));
    EXPECT_EQ(second.answer().body, large);
}

/// The kernel's keys stay: what was sent under them would be taken for forged.
TEST_F(TlsKernel, EndsWhoWantsNewKeys) {
    TlsClient client(port());
    ASSERT_TRUE(client.send(asking("/small.txt")));
    EXPECT_EQ(client.answer().body, "small\n");
    client.updatesKeys();
    client.send(asking("/small.txt"));
    EXPECT_THAT(client.rest(), Not(HasSubstr("small")));
    EXPECT_EQ(client.fault().find("bad record mac"), std::string::npos) << client.fault();
    EXPECT_EQ(server.number("worker_deaths"), 0);
    TlsClient another(port());
    ASSERT_TRUE(another.send(asking("/small.txt")));
    EXPECT_EQ(another.answer().body, "small\n");
}

}  // namespace
}  // namespace turnpike::e2e
