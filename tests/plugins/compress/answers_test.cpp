// Which answers are compressed, and what their heads say.
#include "fixture.h"

namespace turnpike::compress {

class CompressAnswers : public CompressTest {
 protected:
    void SetUp() override { load(); }

    /// As it came, and not told to depend on the client either.
    void expectUntouched(const Fields& answered, unsigned status = 200) {
        Request& request = get({{"Accept-Encoding", "gzip"}}, answered, status);
        EXPECT_EQ(request.field("vary"), "") << status;
        EXPECT_EQ(request.fields().size(), answered.size() + 1) << status;
        EXPECT_EQ(request.text(), body) << status;
    }
};

TEST_F(CompressAnswers, AreOfAListedType) {
    for (const char* good : {"text/html", "TEXT/HTML;charset=utf-8", "text/event-stream", "application/json ; x=y",
                             "application/problem+json", "application/javascript", "application/rss+xml",
                             "image/svg+xml", "application/wasm"}) {
        type = good;
        EXPECT_TRUE(isCompressed()) << good;
    }
    for (const char* bad : {"image/png", "application/zip", "text", "text/", "", "application/json2", "font/woff2",
                            "application/+json", "video/mp4; text/html"}) {
        type = bad;
        expectUntouched({});
    }
}

TEST_F(CompressAnswers, AreNotEncodedYet) {
    expectUntouched({{"Content-Encoding", "gzip"}});
    expectUntouched({{"content-encoding", "identity"}});
}

TEST_F(CompressAnswers, MayBeTransformed) {
    expectUntouched({{"Cache-Control", "no-transform"}});
    expectUntouched({{"Cache-Control", "public, No-Transform , max-age=1"}});
    expectUntouched({{"Cache-Control", "public"}, {"cache-control", "no-transform"}});
    EXPECT_TRUE(isCompressed({{"Cache-Control", "max-age=1, x-no-transform"}}));
}

TEST_F(CompressAnswers, AreNotNamedByADigest) {
    for (const char* digest : {"Content-Digest", "Repr-Digest", "Digest", "Content-MD5"})
        expectUntouched({{digest, "sha-256=:AA==:"}});
}

TEST_F(CompressAnswers, HaveABody) {
    expectUntouched({}, 205);
    body.clear();
    expectUntouched({}, 204);
}

TEST_F(CompressAnswers, AreErrorPagesToo) {
    for (const unsigned status : {201u, 404u, 500u}) EXPECT_TRUE(isCompressed({}, status)) << status;
}

TEST_F(CompressAnswers, AreNoRanges) {
    for (const unsigned status : {206u, 416u}) {
        Request& request = get({{"Accept-Encoding", "gzip"}},
                               {{"Content-Range", "bytes 0-19999/40000"}, {"Accept-Ranges", "bytes"}}, status);
        EXPECT_EQ(request.field("content-encoding"), "");
        EXPECT_EQ(request.text(), body);
        EXPECT_EQ(request.field("accept-ranges"), "bytes");
        EXPECT_EQ(request.field("vary"), "Accept-Encoding") << "the whole would be compressed";
    }
}

TEST_F(CompressAnswers, ArePromisedToHeadAsToGet) {
    Request& request = get({{"Accept-Encoding", "br"}}, {{"ETag", "\"a\""}}, 200, "HEAD");
    EXPECT_EQ(request.field("content-encoding"), "br");
    EXPECT_EQ(request.field("etag"), "W/\"a\"");
    EXPECT_EQ(request.field("vary"), "Accept-Encoding");
    EXPECT_EQ(request.announced(), TP_LENGTH_UNKNOWN);
    EXPECT_EQ(request.text(), "");
}

TEST_F(CompressAnswers, TakeNoRangesAnyMore) {
    const Fields answered = {{"Accept-Ranges", "bytes"}};
    EXPECT_EQ(get({{"Accept-Encoding", "gzip"}}, answered).field("accept-ranges"), "");
    EXPECT_EQ(get({}, answered).field("accept-ranges"), "bytes");
}

TEST_F(CompressAnswers, MergeVary) {
    const struct {
        Fields answered;
        const char* vary;
    } cases[] = {
        {{}, "Accept-Encoding"},
        {{{"Vary", "Cookie"}}, "Cookie, Accept-Encoding"},
        {{{"vary", "Cookie,,Origin"}, {"VARY", " Accept"}}, "Cookie, Origin, Accept, Accept-Encoding"},
        {{{"Vary", "Cookie, accept-encoding"}}, "Cookie, accept-encoding"},
        {{{"Vary", "*"}}, "*"},
        {{{"Vary", ""}}, "Accept-Encoding"},
    };
    for (const auto& c : cases)
        for (const char* accepted : {"gzip", "identity"}) {
            Request& request = get({{"Accept-Encoding", accepted}}, c.answered);
            std::string all;
            for (const auto& [name, value] : request.fields())
                if (strcasecmp(name.c_str(), "vary") == 0) all += (all.empty() ? "" : "; ") + value;
            EXPECT_EQ(all, c.vary) << accepted;
        }
}

TEST_F(CompressAnswers, WeakenTheirTag) {
    const Fields gzip = {{"Accept-Encoding", "gzip"}};
    EXPECT_EQ(get(gzip, {{"ETag", "\"a\""}}).field("etag"), "W/\"a\"");
    EXPECT_EQ(get(gzip, {{"ETag", "W/\"a\""}}).field("etag"), "W/\"a\"");
    EXPECT_EQ(get(gzip, {{"ETag", "\"\""}}).field("etag"), "W/\"\"");
    EXPECT_EQ(get(gzip).field("etag"), "");
    EXPECT_EQ(get({}, {{"ETag", "\"a\""}}).field("etag"), "\"a\"") << "the bytes are those that the tag names";
}

// The plugin behind compares weakly and answers 304 with its own tag; a cache looks for the copy of that tag.
TEST_F(CompressAnswers, AreConfirmedByTheTagThatTheClientHas) {
    body.clear();
    const struct {
        const char *asked, *tag, *confirmed;
    } cases[] = {
        {"W/\"a\"", "\"a\"", "W/\"a\""},
        {"\"b\", W/\"a\"", "\"a\"", "W/\"a\""},
        {"\"a\"", "\"a\"", "\"a\""},
        {"*", "\"a\"", "\"a\""},
        {"W/\"aa\", \"a\"", "\"a\"", "\"a\""},
        {"W/\"a\"", "W/\"a\"", "W/\"a\""},
        {"W/\"a\"", "", ""},
    };
    for (const auto& c : cases) {
        Request& request = host.get("/").field("If-None-Match", c.asked).field("Accept-Encoding", "gzip");
        request.content(304, {{"ETag", c.tag}}, "");
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.status(), 304u);
        EXPECT_EQ(request.field("etag"), c.confirmed) << c.asked;
        EXPECT_EQ(request.field("vary"), "Accept-Encoding") << c.asked;
        EXPECT_EQ(request.field("content-encoding"), "");
        EXPECT_EQ(request.text(), "");
    }
    EXPECT_EQ(get({}, {{"ETag", "\"a\""}}, 304).field("vary"), "Accept-Encoding") << "of a type that is listed";
    type = "image/png";
    EXPECT_EQ(get({}, {{"ETag", "\"a\""}}, 304).field("vary"), "") << "of one that is not";
}

TEST_F(CompressAnswers, ArePublicWhereTheClientIsKnown) {
    const Fields taken = {{"Accept-Encoding", "gzip"}};
    for (const char* credential : {"Cookie", "Authorization"}) {
        Fields asked = taken;
        asked.emplace_back(credential, "secret");
        Request& personal = get(asked, {{"ETag", "\"a\""}});
        EXPECT_EQ(personal.field("content-encoding"), "") << credential;
        EXPECT_EQ(personal.field("vary"), "Accept-Encoding");
        EXPECT_EQ(personal.field("etag"), "\"a\"");
        EXPECT_EQ(personal.text(), body);
        EXPECT_EQ(get(asked, {{"Cache-Control", "max-age=9, Public"}}).field("content-encoding"), "gzip");
        EXPECT_EQ(get(asked, {{"Cache-Control", "private"}}).field("content-encoding"), "");
    }
    EXPECT_EQ(get(taken, {{"Set-Cookie", "session=1"}}).field("content-encoding"), "");
}

}  // namespace turnpike::compress
