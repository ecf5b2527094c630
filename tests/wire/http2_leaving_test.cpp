// How HTTP/2 connections and their streams come to an end, whoever wants it.
#include <chrono>
#include <csignal>
#include <thread>

#include "http2.h"

namespace turnpike::wire {
namespace {

class WireHttp2Leaving : public WireTest<WireHttp2Leaving> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>("keepalive = \"400ms\"\nlinger = \"400ms\"");
    }
};

TEST_F(WireHttp2Leaving, AnIdleConnectionIsToldSo) {
    H2 client(port());
    expectAnswers(client);
    EXPECT_EQ(client.goAway(), H2::kNoError);
    EXPECT_EQ(client.lastStream(), 1u);
    EXPECT_TRUE(client.waitClosed());
}

TEST_F(WireHttp2Leaving, PingsKeepNoConnectionOpen) {
    H2 client(port());
    expectAnswers(client);
    for (int i = 0; i < 500 && !client.isClosed(); ++i) {
        client.sendFrame(H2::kPing, 0, 0, "12345678");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        client.read(0);
    }
    EXPECT_TRUE(client.isClosed());
}

TEST_F(WireHttp2Leaving, AConnectionThatAsksForNothingIsClosed) {
    Site hasty("header = \"300ms\"");
    H2 client(hasty.port());
    EXPECT_EQ(client.goAway(), H2::kNoError);
    EXPECT_TRUE(client.waitClosed());
}

TEST_F(WireHttp2Leaving, RequestsUpToTheLimitAreAnsweredAndThoseOnTheirWay) {
    Site few("requests_per_connection = 3");
    H2 client(few.port());
    std::vector<uint32_t> streams;
    for (int i = 0; i < 5; ++i) streams.push_back(client.get("/timer"));
    for (uint32_t stream : streams) EXPECT_EQ(client.answer(stream).body, "in time\n");
    EXPECT_EQ(client.count(H2::kGoAway), 2);
    EXPECT_EQ(client.lastStream(), streams.back());
    EXPECT_TRUE(client.waitClosed());
}

TEST_F(WireHttp2Leaving, AnOldConnectionTakesNoMoreRequests) {
    Site young("connection_age = \"1ms\"");
    H2 client(young.port());
    client.read(50);
    EXPECT_EQ(client.answer(client.get("/timer")).body, "in time\n");
    EXPECT_EQ(client.goAway(), H2::kNoError);
    EXPECT_TRUE(client.waitClosed());
}

TEST_F(WireHttp2Leaving, ARequestThatComesTooLateEndsNoOther) {
    Site few("requests_per_connection = 1\nheader = \"200ms\"");
    H2 client(few.port());
    client.get("/never");
    ASSERT_TRUE(client.waitFor(H2::kGoAway, 2));
    client.get("/hello");  // passed over: a field section that is whole, though nobody hears of it
    EXPECT_FALSE(client.waitClosed(1000));
    EXPECT_EQ(client.count(H2::kGoAway), 2);
}

TEST_F(WireHttp2Leaving, AStopIsToldInTwoSteps) {
    Site stopping("linger = \"20s\"");
    H2 client(stopping.port());
    client.answersPings(false);
    const uint32_t running = client.get("/timer");
    expectAnswers(client);
    stopping.server().signal(SIGTERM);
    ASSERT_EQ(client.goAway(), H2::kNoError);
    EXPECT_EQ(client.lastStream(), 0x7fffffffu);
    expectAnswers(client);  // on its way when the notice came
    EXPECT_EQ(client.answer(running).body, "in time\n");
    EXPECT_EQ(client.pingsBeforeGoAway(), 0);
    // The answer to the ping that followed the notice: from now on the client knows.
    client.sendFrame(H2::kPing, H2::kAck, 0, std::string(8, '\0'));
    EXPECT_TRUE(client.waitFor(H2::kGoAway, 2));
    EXPECT_EQ(client.lastStream(), 5u);
    EXPECT_TRUE(client.waitClosed());
    client.endSending();
    EXPECT_EQ(stopping.server().stop(), 0);
}

// An answer under way goes on when its client says that it will ask for nothing more.
TEST_F(WireHttp2Leaving, AClientMayEndItsSending) {
    H2 client(port());
    const uint32_t slow = client.get("/cgi-bin/slow");
    client.endSending();
    EXPECT_EQ(client.answer(slow).body, "from a slow program\n");
    EXPECT_TRUE(client.waitClosed());
    H2 polite(port());
    const uint32_t other = polite.get("/cgi-bin/slow");
    polite.sendFrame(H2::kGoAway, 0, 0, H2::number(0) + H2::number(0));
    EXPECT_EQ(polite.answer(other).body, "from a slow program\n");
    EXPECT_TRUE(polite.waitClosed());
}

TEST_F(WireHttp2Leaving, AStreamThatItsClientResetsIsOverForThePluginToo) {
    Site site("keepalive = \"20s\"", "", "", "access_format = \"json\"");
    H2 client(site.port());
    const uint32_t stream = client.get("/never");
    expectAnswers(client);
    client.sendFrame(H2::kReset, 0, stream, H2::number(H2::kCancel));
    expectAnswers(client);
    const std::string log = site.server().waitForAccess(3);
    EXPECT_NE(log.find("/never"), std::string::npos) << log;
}

TEST_F(WireHttp2Leaving, AConnectionThatBreaksEndsAllOfItsRequests) {
    Site site("", "", "", "access_format = \"json\"");
    {
        H2 client(site.port());
        for (int i = 0; i < 10; ++i) client.get("/never");
        const uint32_t upload = client.post("/spool");
        client.data(upload, "half", false);
        client.answer(client.get("/hello"));
        client.reset();
    }
    site.server().waitForAccess(13);
    H2 next(site.port());
    expectAnswers(next);
}

}  // namespace
}  // namespace turnpike::wire
