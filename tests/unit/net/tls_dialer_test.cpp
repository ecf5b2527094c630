// Both ends of a connection under TLS are this server's own: whom the client's end believes, what it says of those
// that it does not, and how it ends.
#include "net/tls_dialer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <memory>

#include "net/tls_server.h"
#include "net/tls_trust.h"
#include "support/certificates.h"

namespace turnpike::net {
namespace {
using ::testing::HasSubstr;

/// A server with one certificate.
struct Shown {
    explicit Shown(const MadeCertificate& made) {
        TlsFault fault;
        identity = TlsIdentity::make({made.certificate, made.key, {}, {}, false}, {&keys, false}, &fault);
        EXPECT_TRUE(identity) << fault.text;
        TicketKey key;
        key.name[0] = 1;
        keys.rotate(key);
        server = std::make_unique<TlsServer>([this](std::string_view name) {
            asked_for = name;
            return identity.get();
        });
    }
    TicketKeys keys{};
    std::string asked_for;
    std::shared_ptr<const TlsIdentity> identity;
    std::unique_ptr<TlsServer> server;
};

struct Pair {
    Pair(TlsDialer& dialer, TlsServer& server, const std::string& address = "a") {
        int fds[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        client = dialer.dial(fds[0], address, scratch);
        peer = server.accept(fds[1]);
    }
    /// 0, or what the client's end says in the end.
    int64_t shakeHands() {
        for (int i = 0; i < 20; ++i) {
            const int64_t waits = client->advance();
            char byte;
            const int64_t got = peer->receive(&byte, 1);
            if (waits < 0 && waits != -EAGAIN) return waits;
            if (waits == 0 && peer->isReady() && got == -EAGAIN) return 0;
        }
        return -ETIMEDOUT;
    }
    std::string say(Transport& from, Transport& to, std::string text) {
        const iovec part{text.data(), text.size()};
        EXPECT_EQ(from.send(&part, 1, false), static_cast<int64_t>(text.size()));
        char block[64];
        const int64_t got = to.receive(block, sizeof block);
        return got > 0 ? std::string(block, static_cast<size_t>(got)) : "(" + std::to_string(got) + ")";
    }

    TlsScratch scratch;
    std::unique_ptr<TlsTransport> client;
    std::unique_ptr<Transport> peer;
};

class TlsDialing : public ::testing::Test {
 protected:
    std::unique_ptr<TlsDialer> dialer(const std::string& name) {
        TlsFault fault;
        auto made = TlsDialer::make({name, trust.get(), {}, {}, "http/1.1"}, &fault);
        EXPECT_TRUE(made) << fault.text;
        return made;
    }
    MadeCertificate sign(const CertificateWish& wish) const { return makeCertificate(wish, &authority); }

    MadeCertificate authority = makeCertificate({.name = "ca", .is_authority = true});
    std::string why;
    TrustStore trust = readTrust(authority.certificate, &why);
};

TEST_F(TlsDialing, AgreesWithAServerThatIsWhoItShouldBe) {
    Shown shown(sign({.name = "app.example"}));
    auto dials = dialer("app.example");
    Pair pair(*dials, *shown.server);
    ASSERT_EQ(pair.shakeHands(), 0) << pair.client->fault();
    EXPECT_EQ(shown.asked_for, "app.example");
    ASSERT_NE(pair.client->session(), nullptr);
    EXPECT_EQ(pair.client->session()->version, "TLSv1.3");
    EXPECT_EQ(pair.client->session()->alpn, "http/1.1");
    EXPECT_EQ(pair.client->session()->identity, nullptr);
    EXPECT_EQ(pair.say(*pair.client, *pair.peer, "question"), "question");
    EXPECT_EQ(pair.say(*pair.peer, *pair.client, "answer"), "answer");
    EXPECT_EQ(pair.client->fault(), "");
}

TEST_F(TlsDialing, TellsAnAddressFromAName) {
    Shown shown(sign({.name = "x", .hosts = {"IP:10.0.0.5", "IP:::1"}}));
    for (const char* address : {"10.0.0.5", "::1"}) {
        auto dials = dialer(address);
        Pair pair(*dials, *shown.server);
        EXPECT_EQ(pair.shakeHands(), 0) << pair.client->fault();
        EXPECT_EQ(shown.asked_for, "");
    }
    auto dials = dialer("10.0.0.6");
    Pair pair(*dials, *shown.server);
    EXPECT_EQ(pair.shakeHands(), -EPROTO);
    EXPECT_EQ(pair.client->fault(),
              "certificate not for \"10.0.0.6\", but for IP Address:10.0.0.5, IP Address:0:0:0:0:0:0:0:1");
}

TEST_F(TlsDialing, BelievesNoNameThatTheCertificateDoesNotHaveInItsPlace) {
    const struct {
        CertificateWish wish;
        bool is_good;
    } cases[] = {
        {{.name = "www.app.example"}, true},
        {{.name = "x", .hosts = {"*.app.example"}}, true},
        {{.name = "www.app.example", .hosts = {"other.example"}}, false},  // RFC 9525 2: not the common name
        {{.name = "x", .hosts = {"w*.app.example"}}, false},
        {{.name = "x", .hosts = {"*.example"}}, false},
        {{.name = "x", .hosts = {"*"}}, false},
    };
    for (const auto& one : cases) {
        Shown shown(sign(one.wish));
        auto dials = dialer("www.app.example");
        Pair pair(*dials, *shown.server);
        EXPECT_EQ(pair.shakeHands() == 0, one.is_good) << one.wish.hosts.size() << pair.client->fault();
    }
}

TEST_F(TlsDialing, BelievesWhatTheFileHoldsAndNothingElse) {
    const MadeCertificate own = makeCertificate({.name = "app.example"});
    Shown shown(own);
    auto dials = dialer("app.example");
    Pair refused(*dials, *shown.server);
    EXPECT_EQ(refused.shakeHands(), -EPROTO);
    EXPECT_THAT(std::string(refused.client->fault()), HasSubstr("unknown authority, \"CN=app.example\""));
    trust = readTrust(own.certificate, &why);
    auto pinned = dialer("app.example");
    Pair taken(*pinned, *shown.server);
    EXPECT_EQ(taken.shakeHands(), 0) << taken.client->fault();
}

TEST_F(TlsDialing, RefusesToCheckNoName) {
    TlsFault fault;
    EXPECT_FALSE(TlsDialer::make({"", trust.get(), {}, {}, {}}, &fault));
}

TEST_F(TlsDialing, KeepsASessionForEachAddress) {
    Shown shown(sign({.name = "app.example"}));
    auto dials = dialer("app.example");
    const std::pair<const char*, bool> cases[] = {{"a", false}, {"a", true}, {"b", false}, {"b", true}};
    for (const auto& [address, was_resumed] : cases) {
        Pair pair(*dials, *shown.server, address);
        ASSERT_EQ(pair.shakeHands(), 0) << pair.client->fault();
        EXPECT_EQ(pair.client->session()->resumed, was_resumed) << address;
        EXPECT_EQ(pair.say(*pair.peer, *pair.client, "answer"), "answer");  // behind the tickets
    }
}

TEST_F(TlsDialing, TellsAnEndFromACut) {
    Shown shown(sign({.name = "app.example"}));
    auto dials = dialer("app.example");
    for (const bool is_cut : {false, true}) {
        Pair pair(*dials, *shown.server);
        ASSERT_EQ(pair.shakeHands(), 0);
        EXPECT_EQ(pair.say(*pair.peer, *pair.client, "answer"), "answer");
        if (is_cut)
            ::shutdown(pair.peer->fd(), SHUT_RDWR);
        else
            pair.peer.reset();
        char byte;
        EXPECT_EQ(pair.client->receive(&byte, 1), is_cut ? -EPROTO : 0);
        EXPECT_EQ(pair.client->fault(),
                  is_cut ? "it ended without close_notify, as a connection that is cut" : "");
    }
}

/// The socket has nothing more to tell then.
TEST_F(TlsDialing, SeesTheEndBehindTheLastBytes) {
    Shown shown(sign({.name = "app.example"}));
    auto dials = dialer("app.example");
    Pair pair(*dials, *shown.server);
    ASSERT_EQ(pair.shakeHands(), 0);
    std::string text = "answer";
    const iovec part{text.data(), text.size()};
    EXPECT_EQ(pair.peer->send(&part, 1, false), 6);
    pair.peer->endSending();
    char block[64];
    EXPECT_EQ(pair.client->receive(block, sizeof block), 6);
    EXPECT_TRUE(pair.client->hasEnded());
    EXPECT_TRUE(pair.client->hasPending());
    EXPECT_EQ(pair.client->receive(block, sizeof block), 0);
}

}  // namespace
}  // namespace turnpike::net
