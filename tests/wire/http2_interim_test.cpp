// Interim answers (RFC 9113 section 8.1) on HTTP/2 streams.
#include <algorithm>
#include <cerrno>

#include "http2.h"

namespace turnpike::wire {
namespace {

class WireHttp2Interim : public WireTest<WireHttp2Interim> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>("", "[[site.route]]\nprefix = \"/hint/\"\nplugin = \"hinting\"\n");
    }
};

TEST_F(WireHttp2Interim, ComeBeforeTheAnswerInTheirOrder) {
    H2 client(port());
    const Http2Answer& got = client.answer(client.get("/hint/?103,102,framing"));
    EXPECT_EQ(got.interim, (std::vector<int>{103, 102, 103}));
    for (const Fields& fields : got.interim_fields)
        EXPECT_EQ(fields.back(), (std::pair<std::string, std::string>("link", "</a.css>; rel=preload")));
    for (const Fields& fields : got.interim_fields) EXPECT_EQ(fields.size(), 2u) << ":status and Link";
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "0\n0\n0\n");
    EXPECT_TRUE(got.ended);
    expectAnswers(client);
}

TEST_F(WireHttp2Interim, ComeBeforeAnAnswerWithoutBody) {
    H2 client(port());
    const Http2Answer& got = client.answer(client.request(H2::fieldsOf("HEAD", "/hint/?103")));
    EXPECT_EQ(got.interim, std::vector<int>{103});
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.data_frames, 0);
    EXPECT_TRUE(got.ended);
}

TEST_F(WireHttp2Interim, LeaveAtOnce) {
    H2 client(port());
    const uint32_t stream = client.get("/hint/hold?103");
    EXPECT_TRUE(client.waitFor(H2::kHeaders, 1));
    EXPECT_EQ(client.seen(stream).interim, std::vector<int>{103});
    EXPECT_FALSE(client.seen(stream).isOver());
    client.sendFrame(H2::kReset, 0, stream, H2::number(H2::kCancel));
    expectAnswers(client);
}

TEST_F(WireHttp2Interim, AreBoundedAndNeverComeBehindTheHead) {
    H2 client(port());
    std::string words = "103";
    for (int i = 1; i < 17; ++i) words += ",103";
    const Http2Answer& many = client.answer(client.get("/hint/?" + words));
    EXPECT_EQ(many.interim.size(), 16u);
    EXPECT_TRUE(many.body.ends_with("\n0\n" + std::to_string(-EMSGSIZE) + "\n")) << many.body;
    const Http2Answer& late = client.answer(client.get("/hint/late"));
    EXPECT_TRUE(late.interim.empty());
    EXPECT_EQ(late.body, "late\nno\n");
    const Http2Answer& bad = client.answer(client.get("/hint/?101,name,value,large"));
    EXPECT_TRUE(bad.interim.empty());
    EXPECT_EQ(bad.status, 200);
    expectAnswers(client);
}

TEST(WireHttp2InterimFigures, AreThoseOfTheAnswer) {
    Site site("", "[[site.route]]\nprefix = \"/hint/\"\nplugin = \"hinting\"\n", "", "access_format = \"json\"");
    H2 client(site.port());
    EXPECT_EQ(client.answer(client.get("/hint/?103,102")).interim.size(), 2u);
    const std::string line = site.server().waitForAccess(1);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    EXPECT_NE(line.find("\"status\":200,\"sent\":4,"), std::string::npos) << line;
    EXPECT_EQ(total(site.server(), "requests"), 1);
    EXPECT_EQ(total(site.server(), "status_2xx"), 1);
}

}  // namespace
}  // namespace turnpike::wire
