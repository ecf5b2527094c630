// Which coding an answer gets (RFC 9110 section 12.5.3).
#include "fixture.h"

namespace turnpike::compress {

class CompressNegotiation : public CompressTest {
 protected:
    std::string codingFor(const std::string& accepted) {
        Request& request = get({{"Accept-Encoding", accepted}});
        std::string coding = request.field("content-encoding");
        bool ended = false;
        EXPECT_EQ(decoded(coding, request.text(), &ended), body) << accepted;
        EXPECT_TRUE(ended) << accepted;
        EXPECT_EQ(request.field("vary"), "Accept-Encoding") << accepted;
        EXPECT_EQ(request.announced() == TP_LENGTH_UNKNOWN, !coding.empty()) << accepted;
        EXPECT_EQ(request.text().size() < body.size() / 2, !coding.empty()) << accepted;
        return coding;
    }
};

TEST_F(CompressNegotiation, FollowsTheWeights) {
    load();
    const struct {
        const char *accepted, *coding;
    } cases[] = {
        {"gzip", "gzip"},
        {"br", "br"},
        {"zstd", "zstd"},
        {"GZIP", "gzip"},
        {"gzip, deflate, br, zstd", "br"},
        {"zstd, gzip", "zstd"},
        {"gzip;q=1.0, br;q=0.9", "gzip"},
        {"br;q=0.1, zstd;q=0.2", "zstd"},
        {"br;q=0, gzip;q=0.001", "gzip"},
        {"*", "br"},
        {"br;q=0, *;q=0.5", "zstd"},
        {"identity, gzip;q=0.5", ""},
        {"identity;q=0.5, gzip", "gzip"},
        {"deflate", ""},
        {"gzip;q=0", ""},
        {"gzip;q=2", ""},
        {"*;q=0", ""},
        {"", ""},
    };
    for (const auto& c : cases) EXPECT_EQ(codingFor(c.accepted), c.coding) << c.accepted;
}

TEST_F(CompressNegotiation, TakesNobodyForOneWhoAsked) {
    load();
    Request& request = get({});
    EXPECT_EQ(request.field("content-encoding"), "");
    EXPECT_EQ(request.text(), body);
    EXPECT_EQ(request.field("vary"), "Accept-Encoding");
}

TEST_F(CompressNegotiation, OffersWhatTheConfigSaysInItsOrder) {
    host.setList("codings", {"gzip", "zstd"});
    load();
    EXPECT_EQ(codingFor("br, gzip, zstd"), "gzip");
    EXPECT_EQ(codingFor("br, gzip;q=0.5, zstd"), "zstd");
    EXPECT_EQ(codingFor("br"), "");
}

}  // namespace turnpike::compress
