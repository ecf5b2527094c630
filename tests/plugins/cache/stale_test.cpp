// Answers past their time: in place of errors, and while another request brings a new one.
#include "fixture.h"

namespace turnpike::cache {
namespace {

TEST_F(CacheTest, SendsAStaleAnswerInsteadOfAnError) {
    host.set("stale_if_error", "1m");
    load();
    for (const unsigned error : {500u, 502u, 503u, 504u}) {
        fields = {{"Cache-Control", "max-age=60"}, {"Content-Type", "text/plain"}};
        const std::string target = "/" + std::to_string(error);
        ask(target, "good");
        host.advance(61'000);
        status = error;
        fields = {{"X-Error", "1"}, {"Retry-After", "1"}};
        Request& saved = ask(target, "broken");
        EXPECT_EQ(saved.status(), 200u);
        EXPECT_EQ(saved.text(), "good");
        EXPECT_EQ(saved.field("x-error") + saved.field("retry-after"), "");
        EXPECT_EQ(saved.field("content-type"), "text/plain");
        EXPECT_EQ(saved.field("age"), "61");
        host.advance(60'000);
        EXPECT_EQ(ask(target, "broken").status(), error) << "it has become too old for that";
        status = 200;
    }
    EXPECT_TRUE(host.logged("a stored answer is sent instead of status 502"));
}

/// Neither after an error nor while another request brings a new one is that sent again which is no more.
TEST_F(CacheTest, ForgetsWhatANewAnswerHasReplacedThoughItMayNotBeStored) {
    host.set("stale_if_error", "10m");
    load();
    const Fields kept = fields;
    const struct {
        Fields fields;
        unsigned status;
        bool is_forgotten;
    } cases[] = {
        {{}, 404, true},
        {{}, 410, true},
        {{{"Cache-Control", "private"}}, 200, true},
        {{{"Cache-Control", "no-store"}}, 200, true},
        {{{"Vary", "*"}, {"Cache-Control", "max-age=60"}}, 200, true},
        {{}, 200, true},
        {{{"Set-Cookie", "a=b"}, {"Cache-Control", "max-age=60"}}, 200, false},
        {{}, 403, false},
        {{}, 429, false},
    };
    for (size_t i = 0; i < std::size(cases); ++i) {
        const std::string target = "/" + std::to_string(i);
        fields = kept;
        status = 200;
        ask(target, "old");
        host.advance(61'000);
        fields = cases[i].fields;
        status = cases[i].status;
        EXPECT_EQ(ask(target, "new").text(), "new") << i;
        host.advance(61'000);
        status = 503;
        fields = {};
        EXPECT_EQ(ask(target, "broken").text(), cases[i].is_forgotten ? "broken" : "old") << i;
    }
}

TEST_F(CacheTest, SendsTheErrorWhereTheAnswerForbidsStaleOnes) {
    host.set("stale_if_error", "1m");
    load();
    fields = {{"Cache-Control", "max-age=60, must-revalidate"}};
    ask("/", "good");
    host.advance(61'000);
    status = 502;
    EXPECT_EQ(ask("/", "broken").text(), "broken");
}

TEST_F(CacheTest, SendsWhatOtherErrorsSay) {
    host.set("stale_if_error", "1m");
    load();
    ask("/", "good");
    host.advance(61'000);
    for (const unsigned error : {404u, 403u, 501u}) {
        status = error;
        EXPECT_EQ(ask("/", "told").text(), "told") << error;
    }
}

}  // namespace
}  // namespace turnpike::cache
