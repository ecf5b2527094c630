// Bodies of requests on HTTP/2 streams.
#include "http2.h"

namespace turnpike::wire {
namespace {

class WireHttp2Bodies : public WireTest<WireHttp2Bodies> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>("body_gap = \"400ms\"\nbody_rate = 100000\nwrite = \"30s\"", "",
                                      "[[site]]\nname = \"small\"\nhosts = [\"small\"]\nbody_limit = 10\n"
                                      "[[site.route]]\nprefix = \"/\"\nplugin = \"probe\"\n");
    }
};

Fields to(const std::string& host, const std::string& path) {
    return {{":method", "POST"}, {":scheme", "http"}, {":authority", host}, {":path", path}};
}

TEST_F(WireHttp2Bodies, ComeWithOrWithoutALength) {
    H2 client(port());
    const uint32_t without = client.post("/spool");
    client.data(without, "0123456789", true);
    EXPECT_EQ(client.answer(without).body, "10 bytes in memory\n");
    const uint32_t with = client.post("/spool", {{"content-length", "10"}});
    client.data(with, "01234", false);
    client.data(with, "56789", true);
    EXPECT_EQ(client.answer(with).body, "10 bytes in memory\n");
    const uint32_t empty = client.post("/spool");
    client.data(empty, "", true);
    EXPECT_EQ(client.answer(empty).body, "0 bytes in memory\n");
}

TEST_F(WireHttp2Bodies, MustBeAsLongAsTheySay) {
    const struct {
        const char* length;
        std::string body;
    } cases[] = {{"5", "0123"}, {"5", "012345"}, {"0", "0"}, {"5", ""}};
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string(c.length) + " " + c.body);
        H2 client(port());
        const uint32_t stream = client.post("/spool", {{"content-length", c.length}});
        client.data(stream, c.body, true);
        EXPECT_EQ(client.answer(stream).reset, H2::kProtocolError);
        EXPECT_EQ(client.seen(stream).status, 0);
        expectAnswers(client);
    }
}

TEST_F(WireHttp2Bodies, MayHaveTrailersWhichAreDropped) {
    H2 client(port());
    const uint32_t good = client.post("/spool");
    client.data(good, "body", false);
    client.sendFrame(H2::kHeaders, H2::kEnd | H2::kEndHeaders, good, client.block({{"x-trailer", "1"}}));
    EXPECT_EQ(client.answer(good).body, "4 bytes in memory\n");
    const struct {
        const char* what;
        Fields trailers;
        uint8_t flags;
    } cases[] = {{"pseudo", {{":path", "/"}}, H2::kEnd},
                 {"upper case", {{"X-Trailer", "1"}}, H2::kEnd},
                 {"connection", {{"connection", "close"}}, H2::kEnd},
                 {"no end", {{"x-trailer", "1"}}, 0}};
    for (const auto& c : cases) {
        SCOPED_TRACE(c.what);
        const uint32_t stream = client.post("/spool");
        client.data(stream, "body", false);
        client.sendFrame(H2::kHeaders, static_cast<uint8_t>(H2::kEndHeaders | c.flags), stream,
                         client.block(c.trailers));
        EXPECT_EQ(client.answer(stream).reset, H2::kProtocolError);
    }
    expectAnswers(client);
}

// More than all windows together, on two streams at once.
TEST_F(WireHttp2Bodies, FlowAsFastAsTheyAreRead) {
    H2 client(port());
    const uint32_t echo = client.post("/echo"), spool = client.post("/spool");
    std::string sent;
    uint64_t window = 65535, other = 65535;
    for (int i = 0; i < 400; ++i) {
        const std::string part(16384, static_cast<char>('a' + i % 26));
        while (window + client.windowOf(echo) < sent.size() + part.size() ||
               other + client.windowOf(spool) < sent.size() + part.size())
            ASSERT_TRUE(client.read(15'000));
        client.data(echo, part, false);
        client.data(spool, part, false);
        sent += part;
    }
    client.data(echo, "", true);
    client.data(spool, "", true);
    EXPECT_TRUE(client.answer(echo).body == sent);
    EXPECT_EQ(client.answer(spool).body, std::to_string(sent.size()) + " bytes in a file\n");
}

TEST_F(WireHttp2Bodies, MayBeReadBehindTheBeginningOfTheAnswer) {
    H2 client(port());
    const uint32_t stream = client.post("/early");
    while (client.seen(stream).body != "early ") ASSERT_TRUE(client.read(15'000));
    client.data(stream, "hello", true);
    EXPECT_EQ(client.answer(stream).body, "early hello");
    EXPECT_TRUE(client.seen(stream).ended);
    expectAnswers(client);
}

TEST_F(WireHttp2Bodies, WaitInTheWindowUntilTheyAreAskedFor) {
    H2 client(port());
    const uint32_t stream = client.post("/never");
    client.data(stream, std::string(65535, 'x'), false);
    expectAnswers(client);
    EXPECT_EQ(client.windowOf(stream), 0u);
    client.data(stream, "y", false);
    EXPECT_EQ(client.answer(stream).reset, H2::kFlowControlError);
    // What was held is given back to the connection.
    for (int i = 0; i < 30; ++i) {
        const uint32_t again = client.post("/never");
        client.data(again, std::string(65535, 'x'), false);
        client.sendFrame(H2::kReset, 0, again, H2::number(H2::kCancel));
        expectAnswers(client);  // it has been read: this client looks at no window before it sends
    }
    EXPECT_FALSE(client.goAway(0));
}

TEST_F(WireHttp2Bodies, ThatNobodyReadsAreNotAskedForAnyMore) {
    H2 client(port());
    const uint32_t stream = client.post("/hello");
    EXPECT_EQ(client.answer(stream).body, "hello\n");
    EXPECT_TRUE(client.seen(stream).ended);
    while (!client.seen(stream).reset) ASSERT_TRUE(client.read(15'000));
    EXPECT_EQ(client.seen(stream).reset, H2::kNoError);
    client.data(stream, "too late", true);  // it was on its way
    expectAnswers(client);
}

// A reset that is read together with the answer makes curl 7.88 lose it, and Node 20 wait for ever.
TEST_F(WireHttp2Bodies, AreStoppedWhenAnErrorHasBeenRead) {
    Site patient("linger = \"20s\"");
    H2 client(patient.port());
    const uint32_t stream = client.post("/missing");
    EXPECT_EQ(client.answer(stream).status, 404);
    EXPECT_TRUE(client.seen(stream).ended);
    uint64_t sent = 0;
    for (uint64_t window = 65535; window > 0; window = 65535 + client.windowOf(stream) - sent) {
        EXPECT_FALSE(client.seen(stream).reset);
        client.data(stream, std::string(window, 'x'), false);
        sent += window;
        expectAnswers(client);
        if (client.seen(stream).reset) break;
    }
    EXPECT_EQ(client.seen(stream).reset, H2::kNoError);
    EXPECT_GT(sent, 256u << 10);
    client.data(stream, "too late", true);  // it was on its way
    expectAnswers(client);
}

TEST_F(WireHttp2Bodies, AreStoppedInTimeBehindAnError) {
    Site hasty("linger = \"200ms\"");
    H2 client(hasty.port());
    const uint32_t stream = client.post("/missing");
    EXPECT_EQ(client.answer(stream).status, 404);
    while (!client.seen(stream).reset) ASSERT_TRUE(client.read(15'000));
    EXPECT_EQ(client.seen(stream).reset, H2::kNoError);
    expectAnswers(client);
}

TEST_F(WireHttp2Bodies, ThatEndBehindAnErrorAreNotStopped) {
    Site patient("linger = \"20s\"");
    H2 client(patient.port());
    const uint32_t stream = client.post("/missing");
    client.data(stream, std::string(65535, 'x'), false);
    EXPECT_EQ(client.answer(stream).status, 404);
    while (client.windowOf(stream) == 0) ASSERT_TRUE(client.read(15'000));
    client.data(stream, "the rest", true);
    expectAnswers(client);
    EXPECT_FALSE(client.seen(stream).reset);
}

TEST_F(WireHttp2Bodies, AreContinuedWhenTheyAreWanted) {
    H2 client(port());
    const uint32_t stream = client.post("/spool", {{"expect", "100-continue"}});
    ASSERT_TRUE(client.waitFor(H2::kHeaders, 1));
    EXPECT_EQ(client.seen(stream).interim, std::vector<int>{100});
    client.data(stream, "body", true);
    EXPECT_EQ(client.answer(stream).body, "4 bytes in memory\n");
    const uint32_t unread = client.post("/hello", {{"expect", "100-continue"}});
    EXPECT_EQ(client.answer(unread).status, 200);
    EXPECT_TRUE(client.seen(unread).interim.empty());
}

TEST_F(WireHttp2Bodies, AreRefusedWhenTheyAreTooLong) {
    H2 client(port());
    Fields said = to("small", "/spool");
    said.emplace_back("content-length", "11");
    EXPECT_EQ(client.answer(client.request(said, false)).status, 413);
    const uint32_t unsaid = client.request(to("small", "/spool"), false);
    client.data(unsaid, "0123456789a", true);
    EXPECT_EQ(client.answer(unsaid).status, 413);
    expectAnswers(client);
}

TEST_F(WireHttp2Bodies, AreGivenUpWhenTheyStop) {
    H2 client(port());
    const uint32_t stops = client.post("/spool");
    client.data(stops, "some", false);
    EXPECT_EQ(client.answer(stops).status, 408);
    expectAnswers(client);
}

TEST_F(WireHttp2Bodies, AreGivenUpWhenTheyTrickle) {
    H2 client(port());
    const uint32_t stream = client.post("/spool");
    for (int i = 0; i < 200 && client.seen(stream).status == 0; ++i) {
        client.data(stream, "x", false);
        client.read(20);
    }
    EXPECT_EQ(client.answer(stream).status, 408);
    EXPECT_TRUE(site().server().waitForLog("limits.body_rate"));
    expectAnswers(client);
}

}  // namespace
}  // namespace turnpike::wire
