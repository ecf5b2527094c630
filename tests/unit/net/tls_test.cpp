// Certificates as they are read, and a connection between OpenSSL and the transport without a server around it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>

#include "net/tls_server.h"
#include "support/certificates.h"
#include "tls_pair.h"

namespace turnpike::net {
namespace {
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::shared_ptr<const TlsIdentity> make(const MadeCertificate& made, TlsFault* fault, std::string_view ocsp = {},
                                        std::string_view ca = {}) {
    return TlsIdentity::make({made.certificate, made.key, ocsp, ca, true}, {}, fault);
}

TEST(TlsIdentity, TakesACertificateAndItsKey) {
    TlsFault fault;
    for (bool rsa : {false, true}) {
        auto identity = make(makeCertificate({.until_s = 3600, .rsa = rsa}), &fault);
        ASSERT_TRUE(identity) << fault.part << " " << fault.text;
        EXPECT_NEAR(static_cast<double>(identity->validUntil()), static_cast<double>(::time(nullptr)) + 3600, 60);
    }
}

TEST(TlsIdentity, SaysWhichFileIsWrongAndHow) {
    const MadeCertificate good = makeCertificate(), other = makeCertificate();
    const MadeCertificate authority = makeCertificate({.is_authority = true}),
                          signed_by = makeCertificate({}, &authority);
    const MadeCertificate chain{signed_by.certificate + authority.certificate, signed_by.key};
    const struct {
        MadeCertificate made;
        std::string ocsp, ca;
        const char *part, *text;
    } cases[] = {
        {{"", good.key}, "", "", "certificate", "holds no certificate in PEM form"},
        {{good.certificate.substr(0, 200) + "\n-----END CERTIFICATE-----\n", good.key},
         "",
         "",
         "certificate",
         "certificate 1 in it is damaged"},
        {{good.certificate + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", good.key},
         "",
         "",
         "certificate",
         "certificate 2 in it is damaged"},
        {makeCertificate({.until_s = -1}), "", "", "certificate", "has expired on "},
        {makeCertificate({.from_s = 600}), "", "", "certificate", "is not valid before "},
        {{good.certificate, ""}, "", "", "key", "holds no private key in PEM form"},
        {{good.certificate, other.key}, "", "", "key", "is not the key of the certificate"},
        {{good.certificate, makeCertificate({.rsa = true}).key},
         "",
         "",
         "key",
         "is not the key of the certificate"},
        {chain, "x", "", "ocsp", "is no OCSP response in DER form"},
        {signed_by, makeOcsp(signed_by, authority), "", "ocsp", "needs the issuer's certificate"},
        {good, "", "nothing", "client_ca", "holds no certificate in PEM form"},
    };
    for (const auto& one : cases) {
        TlsFault fault;
        EXPECT_FALSE(make(one.made, &fault, one.ocsp, one.ca)) << one.text;
        EXPECT_STREQ(fault.part, one.part) << fault.text;
        EXPECT_THAT(fault.text, StartsWith(one.text));
    }
}

TEST(TlsIdentity, RefusesAKeyThatIsLocked) {
    const MadeCertificate good = makeCertificate();
    const std::string locked =
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
        "00112233445566778899AABBCCDDEEFF\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    TlsFault fault;
    EXPECT_FALSE(make({good.certificate, locked}, &fault));
    EXPECT_THAT(fault.text, HasSubstr("passphrase"));
}

TEST(TlsIdentity, LeavesAwayAStapleThatIsOutOfDate) {
    const MadeCertificate authority = makeCertificate({.is_authority = true}),
                          made = makeCertificate({}, &authority);
    const MadeCertificate chain{made.certificate + authority.certificate, made.key};
    TlsFault fault;
    const std::string fresh = makeOcsp(made, authority), old = makeOcsp(made, authority, {.until_s = -10}),
                      early = makeOcsp(made, authority, {.from_s = 3600, .until_s = 7200});
    auto current = make(chain, &fault, fresh), stale = make(chain, &fault, old);
    ASSERT_TRUE(current && stale) << fault.text;
    EXPECT_EQ(current->staple(), fresh);
    EXPECT_FALSE(current->isStapleStale());
    EXPECT_EQ(stale->staple(), "");
    EXPECT_TRUE(stale->isStapleStale());
    auto not_yet = make(chain, &fault, early);
    ASSERT_TRUE(not_yet) << fault.text;
    EXPECT_EQ(not_yet->staple(), "") << "somebody's clock is wrong, and the site comes up all the same";
}

/// The kernel encrypts nothing for a pair of unix sockets: where it is asked to (ktls), all must be as without.
class TlsConnection : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(AsWithoutKtls, TlsConnection, ::testing::Bool());

/// The server's flight does not fit the socket: it goes on when there is room again.
TEST_P(TlsConnection, ShakesHandsWhenTheSocketIsFull) {
    TlsEnd end({nullptr, false, GetParam()});
    TlsPair pair(*end.server);
    EXPECT_TRUE(pair.transport->isSecure());
    EXPECT_FALSE(pair.transport->isReady());
    EXPECT_EQ(pair.transport->session(), nullptr);
    ASSERT_TRUE(pair.shakeHands());
    EXPECT_TRUE(pair.was_full);
    ASSERT_NE(pair.transport->session(), nullptr);
    EXPECT_EQ(pair.transport->session()->version, "TLSv1.3");
    EXPECT_EQ(pair.transport->session()->identity, end.identity.get());
    EXPECT_FALSE(pair.transport->session()->resumed);
}

TEST_P(TlsConnection, TellsAShortReadOnlyWhenNothingIsLeft) {
    TlsEnd end({nullptr, false, GetParam()});
    TlsPair pair(*end.server);
    ASSERT_TRUE(pair.shakeHands());
    ASSERT_EQ(SSL_write(pair.client, "abc", 3), 3);
    ASSERT_EQ(SSL_write(pair.client, "defgh", 5), 5);
    char block[6];
    EXPECT_EQ(pair.transport->receive(block, 6), 6);  // over two records
    EXPECT_EQ(std::string(block, 6), "abcdef");
    EXPECT_EQ(pair.transport->receive(block, 6), 2);
    EXPECT_EQ(pair.transport->receive(block, 6), -EAGAIN);
    SSL_shutdown(pair.client);
    EXPECT_EQ(pair.transport->receive(block, 6), 0);
}

/// The end is told once, together with what comes before it: who is told -EAGAIN then waits for nothing.
TEST_P(TlsConnection, SeesTheEndBehindHalfARecord) {
    TlsEnd end({nullptr, false, GetParam()});
    TlsPair shaking(*end.server), open(*end.server);
    ASSERT_TRUE(open.shakeHands());
    char block[6];
    ASSERT_EQ(::write(open.peer, "\x17\x03\x03", 3), 3);
    ::shutdown(open.peer, SHUT_WR);
    EXPECT_EQ(open.transport->receive(block, 6), 0);
    EXPECT_LE(SSL_connect(shaking.client), 0);
    ::shutdown(shaking.peer, SHUT_WR);
    EXPECT_EQ(shaking.transport->receive(block, 6), -EPROTO);
    EXPECT_EQ(shaking.transport->fault(), "the client left");
}

/// -EAGAIN says that nothing was taken, although records of it wait; sent again, it is told of once.
TEST_P(TlsConnection, TakesAnAnswerOnceHoweverOftenTheSocketIsFull) {
    TlsEnd end({nullptr, false, GetParam()});
    TlsPair pair(*end.server);
    ASSERT_TRUE(pair.shakeHands());
    std::string sent, taken;
    for (size_t i = 0; sent.size() < 300'000; ++i) sent += std::to_string(i) + ",";
    size_t done = 0;
    int blocked = 0;
    for (int round = 0; done < sent.size() && round < 100'000; ++round) {
        const size_t half = (sent.size() - done) / 2;
        const iovec parts[] = {{sent.data() + done, half}, {sent.data() + done + half, sent.size() - done - half}};
        const int64_t result = pair.transport->send(parts, 2, false);
        if (result > 0) done += static_cast<size_t>(result);
        if (result == -EAGAIN) {
            ++blocked;
            EXPECT_TRUE(pair.transport->wantsToWrite());
            taken += pair.take();
        }
    }
    EXPECT_EQ(done, sent.size());
    EXPECT_GT(blocked, 3);
    for (std::string part; !(part = pair.take()).empty();) taken += part;
    EXPECT_TRUE(taken == sent);
    EXPECT_FALSE(pair.transport->wantsToWrite());
}

/// A kernel that encrypts could not change its keys, but OpenSSL can.
TEST_P(TlsConnection, GoesOnWhenTheClientWantsNewKeys) {
    TlsEnd end({nullptr, false, GetParam()});
    TlsPair pair(*end.server);
    ASSERT_TRUE(pair.shakeHands());
    ASSERT_EQ(SSL_key_update(pair.client, SSL_KEY_UPDATE_REQUESTED), 1);
    ASSERT_EQ(SSL_write(pair.client, "abc", 3), 3);
    char block[8];
    EXPECT_EQ(pair.transport->receive(block, sizeof block), 3);
    char text[] = "answer";
    const iovec part{text, 6};
    EXPECT_EQ(pair.transport->send(&part, 1, false), 6);
    EXPECT_EQ(pair.take(), "answer");
}

TEST(TlsAlpn, OffersHttp2BeforeTheOlderOneWhereItIsSpoken) {
    constexpr unsigned char kProtocols[] = "\x08http/1.1\x02h2";
    for (bool http2 : {false, true}) {
        TlsEnd end({nullptr, http2});
        TlsPair pair(*end.server);
        SSL_set_alpn_protos(pair.client, kProtocols, sizeof kProtocols - 1);
        ASSERT_TRUE(pair.shakeHands());
        EXPECT_EQ(pair.transport->session()->alpn, http2 ? "h2" : "http/1.1");
    }
}

TEST(TlsAlpn, TakesAClientThatNamesTheOldestOnly) {
    constexpr unsigned char kProtocols[] = "\x08http/0.9\x08http/1.0";
    TlsEnd end({nullptr, true});
    TlsPair pair(*end.server);
    SSL_set_alpn_protos(pair.client, kProtocols, sizeof kProtocols - 1);
    ASSERT_TRUE(pair.shakeHands());
    EXPECT_EQ(pair.transport->session()->alpn, "http/1.0");
}

/// What a session that was begun with the keys as they were is worth once they have changed so often.
bool isResumedAfter(int rotations) {
    auto keys = std::make_unique<TicketKeys>();
    auto rotate = [&keys, next = uint8_t{0}]() mutable {
        TicketKey fresh;
        fresh.name.fill(++next);
        fresh.cipher.fill(next);
        fresh.mac.fill(next);
        keys->rotate(fresh);
    };
    rotate();
    TlsEnd end({keys.get(), false});
    TlsPair first(*end.server);
    EXPECT_TRUE(first.shakeHands());
    first.take();  // the ticket comes behind the handshake
    EXPECT_TRUE(first.session);
    for (int i = 0; i < rotations; ++i) rotate();
    TlsPair second(*end.server, first.session.get());
    EXPECT_TRUE(second.shakeHands());
    EXPECT_EQ(second.transport->session()->resumed, SSL_session_reused(second.client) == 1);
    return second.transport->session()->resumed;
}

/// Under TLS 1.3 a client uses a ticket once: each connection brings the next one's.
TEST(TlsTickets, AreExchangedForNewOnes) {
    auto keys = std::make_unique<TicketKeys>();
    keys->rotate({});
    TlsEnd end({keys.get(), false});
    TlsPair first(*end.server);
    ASSERT_TRUE(first.shakeHands());
    first.take();
    auto session = std::move(first.session);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(session) << i;
        TlsPair next(*end.server, session.get());
        ASSERT_TRUE(next.shakeHands());
        EXPECT_TRUE(next.transport->session()->resumed) << i;
        next.take();
        session = std::move(next.session);
        SSL_set_shutdown(next.client, SSL_SENT_SHUTDOWN);  // else OpenSSL takes the session for broken
    }
}

TEST(TlsTickets, OpenWithTheKeyBeforeTheNewestAndNoLonger) {
    EXPECT_TRUE(isResumedAfter(0));
    EXPECT_TRUE(isResumedAfter(1));
    EXPECT_FALSE(isResumedAfter(2));
}

TEST(TlsTickets, AreNotGivenOutWithoutKeys) {
    TlsEnd end({});
    TlsPair pair(*end.server);
    ASSERT_TRUE(pair.shakeHands());
    pair.take();
    EXPECT_FALSE(pair.session);
}

}  // namespace
}  // namespace turnpike::net
