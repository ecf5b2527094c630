// Answers on HTTP/2 streams: their ends, their turns, their windows, and what becomes of those that fail.
#include "http2.h"

namespace turnpike::wire {
namespace {

class WireHttp2Answers : public WireTest<WireHttp2Answers> {
 public:
    static std::unique_ptr<Site> makeSite() {
        auto site = std::make_unique<Site>("",
                                           "[[site.hook]]\nplugin = \"trailing\"\n"
                                           "[[site.route]]\nprefix = \"/trailing/\"\nplugin = \"trailing\"\n");
        site->root().write("large.bin", large());
        return site;
    }
    static std::string large() {
        std::string bytes;
        for (int i = 0; bytes.size() < 3'000'000; ++i) bytes += std::to_string(i) + ",";
        return bytes;
    }
};

TEST_F(WireHttp2Answers, EndWithTheirHeadWhereNoBodyFollows) {
    H2 client(port());
    const Http2Answer& head = client.answer(client.request(H2::fieldsOf("HEAD", "/1k")));
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-length"), "1024");
    EXPECT_EQ(head.data_frames, 0);
    const std::string tag = client.answer(client.get("/file.txt")).field("etag");
    ASSERT_FALSE(tag.empty());
    const Http2Answer& not_modified = client.answer(client.get("/file.txt", {{"if-none-match", tag}}));
    EXPECT_EQ(not_modified.status, 304);
    EXPECT_EQ(not_modified.data_frames, 0);
    EXPECT_EQ(client.answer(client.request(H2::fieldsOf("OPTIONS", "*"))).data_frames, 0);
    const Http2Answer& refused = client.answer(
        client.request({{":method", "HEAD"}, {":scheme", "http"}, {":authority", "@"}, {":path", "/"}}));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.data_frames, 0);
    EXPECT_TRUE(refused.ended);
}

TEST_F(WireHttp2Answers, CarryTheFieldsOfThePluginInLowerCaseAndTheServersOwn) {
    H2 client(port());
    const Http2Answer& got = client.answer(client.get("/framing"));
    EXPECT_EQ(got.body, "framed\n");
    EXPECT_EQ(got.field("content-length"), "7");
    EXPECT_EQ(got.field("x-own"), "kept");
    EXPECT_TRUE(got.field("date").ends_with(" GMT"));
    for (const char* name :
         {"connection", "transfer-encoding", "upgrade", "keep-alive", "te", "trailer", "server"})
        EXPECT_EQ(got.field(name), "") << name;
}

TEST_F(WireHttp2Answers, ComeWholeFromFilesProgramsAndPieces) {
    H2 client(port());
    const uint32_t file = client.get("/large.bin"), cgi = client.get("/cgi-bin/hello"),
                   pieces = client.get("/pieces"), stream = client.get("/stream"),
                   part = client.get("/large.bin", {{"range", "bytes=5-9"}});
    EXPECT_TRUE(client.answer(file).body == large());
    EXPECT_TRUE(client.seen(file).ended);
    EXPECT_EQ(client.answer(cgi).body, "from a program\n");
    EXPECT_EQ(client.answer(pieces).body.size(), 16u << 20);
    EXPECT_EQ(client.answer(stream).body, "one two three\n");
    EXPECT_EQ(client.answer(part).body, large().substr(5, 5));
    EXPECT_FALSE(client.goAway(0));
}

// Frames of both come between each other's, whichever was asked for first and whatever priority is claimed.
TEST_F(WireHttp2Answers, TakeTurns) {
    H2 client(port(), H2::setting(4, 1u << 30));
    client.sendFrame(H2::kWindow, 0, 0, H2::number(1u << 30));
    const uint32_t first = client.nextStream(), second = client.nextStream();
    const auto asks = [&](uint32_t stream, const char* priority) {
        return framed(H2::kHeaders, H2::kEnd | H2::kEndHeaders, stream,
                      client.block(H2::fieldsOf("GET", "/large.bin", {{"priority", priority}})));
    };
    std::string both = asks(first, "u=0");
    both += asks(second, "u=7");  // HPACK knows an order
    client.send(both);
    client.answer(first);
    EXPECT_GT(client.seen(second).body.size(), large().size() / 2);
    EXPECT_TRUE(client.answer(second).body == large());
}

TEST_F(WireHttp2Answers, KeepToTheWindows) {
    H2 client(port(), H2::setting(4, 10));
    client.keepWindows(false);
    const uint32_t stream = client.get("/1k");
    expectAnswers(client);  // six bytes
    EXPECT_EQ(client.seen(stream).body.size(), 10u);
    client.sendFrame(H2::kWindow, 0, stream, H2::number(1));
    expectAnswers(client);
    EXPECT_EQ(client.seen(stream).body.size(), 11u);
    client.sendFrame(H2::kWindow, 0, stream, H2::number(5000));
    EXPECT_EQ(client.answer(stream).body.size(), 1024u);
    EXPECT_TRUE(client.seen(stream).ended);
}

TEST_F(WireHttp2Answers, AreNeverWholeWhenTheyFail) {
    H2 client(port());
    for (const char* path : {"/half", "/short"}) {
        SCOPED_TRACE(path);
        const Http2Answer& got = client.answer(client.get(path, {{"te", "trailers"}}));
        EXPECT_EQ(got.reset, H2::kInternalError);
        EXPECT_FALSE(got.ended);
    }
    EXPECT_EQ(client.answer(client.get("/fail")).status, 502);
    EXPECT_EQ(client.answer(client.get("/throw")).status, 500);
    EXPECT_EQ(client.answer(client.get("/failed")).status, 500);
    EXPECT_EQ(client.answer(client.get("/long")).body, "long");
    expectAnswers(client);
}

TEST_F(WireHttp2Answers, HaveTrailersForThoseWhoAskForThem) {
    H2 client(port());
    const Http2Answer& early = client.answer(client.get("/trailing/early", {{"te", "trailers"}}));
    EXPECT_EQ(early.body, "one two\n");
    EXPECT_EQ(early.field("trailer"), "X-Early");
    EXPECT_EQ(early.trailers, (Fields{{"x-early", "1"}, {"x-late", ""}}));
    EXPECT_TRUE(early.ended);
    const Http2Answer& only = client.answer(client.get("/trailing/only", {{"te", "trailers"}}));
    EXPECT_EQ(only.trailers, (Fields{{"x-early", "1"}}));
    const Http2Answer& file = client.answer(client.get("/trailing/file", {{"te", "trailers"}}));
    EXPECT_FALSE(file.trailers.empty());
    const Http2Answer& without = client.answer(client.get("/trailing/early"));
    EXPECT_EQ(without.body, "one two\n");
    EXPECT_TRUE(without.trailers.empty());
    EXPECT_EQ(without.field("trailer"), "");
    EXPECT_TRUE(without.ended);
}

TEST_F(WireHttp2Answers, AreAsManyAsStreamsMayBe) {
    H2 client(port());
    std::vector<uint32_t> streams;
    for (int i = 0; i < 100; ++i) streams.push_back(client.get(i % 2 == 0 ? "/timer" : "/pool"));
    for (size_t i = 0; i < streams.size(); ++i)
        EXPECT_EQ(client.answer(streams[i]).body, i % 2 == 0 ? "in time\n" : "from the pool\n");
}

}  // namespace
}  // namespace turnpike::wire
