#include "http/http2_head.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace turnpike::http {
namespace {

using Kind = Http2Verdict::Kind;
using Fields = std::vector<std::pair<std::string, std::string>>;

class Http2HeadTest : public testing::Test {
 protected:
    static Fields with(const Fields& more, const std::string& path = "/a?b") {
        Fields fields = {
            {":method", "GET"}, {":scheme", "http"}, {":authority", "Example.ORG:8080"}, {":path", path}};
        fields.insert(fields.end(), more.begin(), more.end());
        return fields;
    }
    Http2Verdict read(const Fields& fields, bool ends = true) {
        arena.reset();
        head.fields = arena.array<tp_field>(limits.fields);
        reader.begin(arena, head);
        for (const auto& [name, value] : fields) reader.add(name, value);
        return reader.conclude(ends);
    }
    std::string field(std::string_view name) const {
        std::string all = "(none)";
        for (size_t i = 0; i < head.field_count; ++i) {
            const tp_field& f = head.fields[i];
            if (std::string_view(f.name.ptr, f.name.len) == name) all = std::string(f.value.ptr, f.value.len);
        }
        return all;
    }

    BlockPool pool{8192, 4};
    Arena arena{pool, 1u << 20};
    HeadLimits limits{.line = 60, .field = 100, .total = 600, .fields = 8};
    RequestHead head;
    Http2Head reader{limits};
};

TEST_F(Http2HeadTest, BecomesTheHeadOfARequest) {
    ASSERT_EQ(read(with({{"x-a", "1"}, {"accept-encoding", "br"}, {"te", "trailers"}})).kind, Kind::Good);
    EXPECT_EQ(head.method, TP_METHOD_GET);
    EXPECT_EQ(head.method_name, "GET");
    EXPECT_EQ(head.target, "/a?b");
    EXPECT_EQ(head.path, "/a");
    EXPECT_EQ(head.query, "b");
    EXPECT_EQ(head.host, "example.org");
    EXPECT_EQ(field("host"), "example.org:8080");
    EXPECT_EQ(field("x-a"), "1");
    EXPECT_EQ(field("te"), "(none)");
    EXPECT_TRUE(head.takes_trailers);
    EXPECT_FALSE(head.https);
    EXPECT_EQ(head.present, TP_HAS_ACCEPT_ENCODING);
    EXPECT_EQ(head.content_length, 0);
}

TEST_F(Http2HeadTest, KnowsTheLengthOfABodyOnlyWhereItIsSaid) {
    ASSERT_EQ(read(with({}), false).kind, Kind::Good);
    EXPECT_EQ(head.content_length, TP_LENGTH_UNKNOWN);
    ASSERT_EQ(read(with({{"content-length", "12"}, {"expect", "100-continue"}}), false).kind, Kind::Good);
    EXPECT_EQ(head.content_length, 12);
    EXPECT_TRUE(head.expect_continue);
    ASSERT_EQ(read(with({{"content-length", "0"}})).kind, Kind::Good);
    EXPECT_EQ(read(with({{"content-length", "1"}})).kind, Kind::Malformed);
    // A method that defines content needs no length here.
    EXPECT_EQ(read({{":method", "POST"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}}, false).kind,
              Kind::Good);
}

TEST_F(Http2HeadTest, JoinsTheCrumbsOfACookie) {
    ASSERT_EQ(read(with({{"cookie", "a=1"}})).kind, Kind::Good);
    EXPECT_EQ(field("cookie"), "a=1");
    Fields crumbs;
    for (int i = 0; i < 10; ++i) crumbs.emplace_back("cookie", std::to_string(i));  // more than fields may be
    ASSERT_EQ(read(with(crumbs)).kind, Kind::Good);
    EXPECT_EQ(field("cookie"), "0; 1; 2; 3; 4; 5; 6; 7; 8; 9");
    EXPECT_EQ(head.field_count, 2u);
    EXPECT_EQ(head.present, TP_HAS_COOKIE);
    ASSERT_EQ(read(with({})).kind, Kind::Good);
    EXPECT_EQ(field("cookie"), "(none)");
}

TEST_F(Http2HeadTest, CountsWhatTheFieldsAreWhenTheyAreDecoded) {
    // RFC 9113 6.5.2: name, value and 32 each. The four pseudo-header fields and this one.
    const size_t used = 7 + 3 + 7 + 4 + 10 + 16 + 5 + 4 + 4 * 32;
    const auto filled = [&](size_t total) {
        Fields fields;
        for (size_t left = total - used; left > 0;) {
            const size_t size = left > 200 ? 100 : left;
            fields.emplace_back("x", std::string(size - 33, 'v'));
            left -= size;
        }
        return with(fields);
    };
    EXPECT_EQ(read(filled(600)).kind, Kind::Good);
    EXPECT_FALSE(reader.isOversized());
    EXPECT_EQ(read(filled(601)).status, 431u);
    EXPECT_TRUE(reader.isOversized());
}

TEST_F(Http2HeadTest, RefusesWhatIsTooLarge) {
    EXPECT_EQ(read(with({{"x", std::string(97, 'v')}})).kind, Kind::Good);
    EXPECT_EQ(read(with({{"x", std::string(98, 'v')}})).status, 431u);
    EXPECT_EQ(read(with({}, "/" + std::string(56, 'p'))).kind, Kind::Good);
    EXPECT_EQ(read(with({}, "/" + std::string(57, 'p'))).status, 414u);
    Fields many(7, {"x", "1"});
    EXPECT_EQ(read(with(many)).kind, Kind::Good);
    many.emplace_back("x", "1");
    EXPECT_EQ(read(with(many)).status, 431u);
}

TEST_F(Http2HeadTest, SaysMalformedWhateverElseIsWrong) {
    EXPECT_EQ(read(with({{"x", std::string(98, 'v')}, {"connection", "close"}})).kind, Kind::Malformed);
    EXPECT_EQ(read({{":method", "GET"}, {":path", "/"}}).kind, Kind::Malformed);
    EXPECT_EQ(read(with({{":path", "/"}})).kind, Kind::Malformed);
    EXPECT_EQ(read(with({{"x", "a\x7f"}})).kind, Kind::Malformed);
    EXPECT_EQ(read(with({{"\xc3\xa4", "a"}})).kind, Kind::Malformed);
    EXPECT_EQ(read(with({{"x", "\xc3\xa4"}})).kind, Kind::Good);
}

TEST_F(Http2HeadTest, WantsHostAndAuthorityToAgree) {
    EXPECT_EQ(read(with({{"host", "example.org:8080"}})).kind, Kind::Good);
    EXPECT_EQ(head.field_count, 1u);
    EXPECT_EQ(read(with({{"host", "example.org"}})).status, 400u);
    EXPECT_EQ(read(with({{"host", "example.com:8080"}})).status, 400u);
    const Fields secure = {
        {":method", "GET"}, {":scheme", "HTTPS"}, {":authority", "a:443"}, {":path", "/"}, {"host", "A"}};
    EXPECT_EQ(read(secure).kind, Kind::Good);
    EXPECT_TRUE(head.https);
}

TEST_F(Http2HeadTest, RefusesWithoutMemoryForIt) {
    Arena small{pool, 8192};
    std::vector<tp_field> room(limits.fields);
    head.fields = room.data();
    while (small.allocate(100) != nullptr) {
    }
    reader.begin(small, head);
    for (const auto& [name, value] : with({{"x", std::string(90, 'v')}})) reader.add(name, value);
    const Http2Verdict verdict = reader.conclude(true);
    EXPECT_EQ(verdict.status, 503u);
}

TEST_F(Http2HeadTest, ChecksTrailersAndKeepsNothing) {
    const auto trailers = [&](const Fields& fields, bool ends = true) {
        reader.beginTrailers();
        for (const auto& [name, value] : fields) reader.add(name, value);
        return reader.conclude(ends).kind;
    };
    EXPECT_EQ(trailers({{"x", "1"}}), Kind::Good);
    EXPECT_EQ(trailers({}), Kind::Good);
    EXPECT_EQ(trailers({{"x", "1"}}, false), Kind::Malformed);
    EXPECT_EQ(trailers({{":status", "1"}}), Kind::Malformed);
    EXPECT_EQ(trailers({{"X", "1"}}), Kind::Malformed);
    EXPECT_EQ(trailers({{"transfer-encoding", "chunked"}}), Kind::Malformed);
    EXPECT_EQ(trailers({{"x", std::string(600, 'v')}}), Kind::Refused);
}

}  // namespace
}  // namespace turnpike::http
