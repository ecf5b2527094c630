// Who is answered from the cache, and with what.
#include "fixture.h"
#include "key.h"

namespace turnpike::cache {
namespace {
using ::testing::StartsWith;

TEST_F(CacheTest, SendsWhatWasStoredWithItsAge) {
    load();
    Request& first = ask("/page?a=1", "hello");
    EXPECT_EQ(first.text(), "hello");
    EXPECT_EQ(first.announced(), 5) << "that the cache looks on changes nothing";
    EXPECT_EQ(first.field("cache-status"), "Turnpike; fwd=miss; fwd-status=200; stored");
    EXPECT_EQ(first.field("age"), "");
    host.advance(5'000);
    Request& second = ask("/page?a=1", "other");
    EXPECT_EQ(second.status(), 200u);
    EXPECT_EQ(second.text(), "hello");
    EXPECT_EQ(second.announced(), 5);
    EXPECT_EQ(second.field("content-type"), "text/plain");
    EXPECT_EQ(second.field("age"), "5");
    EXPECT_THAT(second.field("cache-status"), StartsWith("Turnpike; hit; ttl=5"));
    EXPECT_FALSE(isHit("/page?a=2"));
    EXPECT_FALSE(isHit("/page"));
}

TEST_F(CacheTest, CountsWhatItDoes) {
    load();
    ask("/", "one");
    for (int i = 0; i < 3; ++i) ask("/", "x");
    ask("/", "x", {{"Cookie", "a=b"}});
    ask("/", "x", {}, "POST");
    const std::pair<const char*, int> counted[] = {{"hits", 3},   {"misses", 1}, {"passed", 2}, {"stale", 0},
                                                   {"stored", 1}, {"purged", 0}, {"evicted", 0}};
    for (const auto& [name, count] : counted) EXPECT_EQ(host.shareds.counter(name), count) << name;
}

TEST_F(CacheTest, ForgetsWhatIsNoLongerFresh) {
    load();
    ask("/", "one");
    host.advance(61'000);
    EXPECT_EQ(ask("/", "two").field("cache-status"), "Turnpike; fwd=stale; fwd-status=200; stored");
    EXPECT_EQ(ask("/", "three").text(), "two");
}

TEST_F(CacheTest, AnswersHeadFromAStoredGet) {
    load();
    EXPECT_EQ(ask("/", "", {}, "HEAD").field("cache-status"), "Turnpike; fwd=miss; fwd-status=200");
    EXPECT_EQ(ask("/", "hello").text(), "hello") << "the answer to HEAD has no body to be stored";
    Request& head = ask("/", "other", {}, "HEAD");
    EXPECT_EQ(head.text(), "");
    EXPECT_EQ(head.announced(), 5);
    EXPECT_THAT(head.field("cache-status"), StartsWith("Turnpike; hit"));
}

TEST_F(CacheTest, StoresNothingThatIsNotForEverybody) {
    load();
    const Fields cases[] = {{{"Cache-Control", "private, max-age=60"}},
                            {{"Cache-Control", "no-store, max-age=60"}},
                            {{"Cache-Control", "max-age=60"}, {"Set-Cookie", "id=1"}},
                            {{"Cache-Control", "max-age=60"}, {"Vary", "*"}},
                            {}};
    int number = 0;
    for (const Fields& c : cases) {
        fields = c;
        const std::string target = "/" + std::to_string(number++);
        ask(target, "secret");
        EXPECT_FALSE(isHit(target)) << target;
    }
    fields = {{"Cache-Control", "max-age=60"}};
    ask("/a", "secret", {{"Authorization", "Basic x"}});
    EXPECT_FALSE(isHit("/a"));
    run(make("/b").body("asked with a body").content(200, fields, "secret"));
    EXPECT_FALSE(isHit("/b"));
}

TEST_F(CacheTest, SharesWithKnownVisitorsWhatIsPublicOnly) {
    load();
    ask("/", "hello");
    EXPECT_FALSE(isHit("/", {{"Authorization", "Basic x"}}));
    fields = {{"Cache-Control", "public, max-age=60"}};
    ask("/public", "hello", {{"Authorization", "Basic x"}});
    EXPECT_TRUE(isHit("/public"));
    EXPECT_TRUE(isHit("/public", {{"Authorization", "Basic y"}}));
}

TEST_F(CacheTest, LetsRequestsWithCookiesPass) {
    host.setList("harmless_cookies", {"_ga"});
    load();
    ask("/", "hello", {{"Cookie", "_ga=1"}});
    EXPECT_TRUE(isHit("/"));
    EXPECT_TRUE(isHit("/", {{"Cookie", "_ga=2"}}));
    Request& known = ask("/", "yours", {{"Cookie", "_ga=2; id=7"}});
    EXPECT_EQ(known.text(), "yours");
    EXPECT_EQ(known.field("cache-status"), "Turnpike; fwd=bypass; detail=cookie");
    ask("/other", "yours", {{"Cookie", "id=7"}});
    EXPECT_FALSE(isHit("/other"));
}

// What a field can make the site say must never be what others get.
TEST_F(CacheTest, CannotBePoisonedByFieldsThatAreNotInTheTarget) {
    load();
    for (const std::string_view name : targetFields()) {
        const std::string target = "/" + std::string(name);
        EXPECT_EQ(ask(target, "poison", {{std::string(name), "evil.example"}}).text(), "poison");
        EXPECT_EQ(ask(target, "good").text(), "good") << name;
        EXPECT_EQ(ask(target, "other").text(), "good") << name;
        EXPECT_EQ(ask(target, "other", {{std::string(name), "evil.example"}}).text(), "poison")
            << "who sends it gets his own";
    }
    EXPECT_GE(targetFields().size(), 12u);
    run(host.request("GET", "/port").field("Host", "example.org:1337").content(200, fields, "poison"));
    EXPECT_EQ(ask("/port", "good").text(), "good");
    run(host.request("GET", "http://evil.example/abs")
            .field("Host", "example.org")
            .content(200, fields, "poison"));
    EXPECT_EQ(ask("/abs", "good").text(), "good");
}

TEST_F(CacheTest, KeepsVariantsApart) {
    load();
    fields.emplace_back("Vary", "Accept-Language");
    ask("/", "hallo", {{"Accept-Language", "de"}});
    EXPECT_EQ(ask("/", "hello", {{"Accept-Language", "en"}}).text(), "hello");
    EXPECT_EQ(ask("/", "x", {{"Accept-Language", "de"}}).text(), "hallo");
    EXPECT_EQ(ask("/", "x", {{"Accept-Language", "en"}}).text(), "hello");
    EXPECT_FALSE(isHit("/"));
}

TEST_F(CacheTest, ObeysTheRequest) {
    load();
    ask("/", "one");
    host.advance(9'000);
    EXPECT_TRUE(isHit("/", {{"Cache-Control", "max-age=10"}}));
    EXPECT_EQ(ask("/", "two", {{"Cache-Control", "no-cache"}}).text(), "two");
    EXPECT_EQ(ask("/", "x").text(), "two") << "what it brought is for all";
    EXPECT_EQ(ask("/", "three", {{"Pragma", "no-cache"}}).text(), "three");
    EXPECT_EQ(ask("/", "four", {{"Cache-Control", "no-store, no-cache"}}).text(), "four");
    EXPECT_EQ(ask("/", "x").text(), "three");
    host.advance(61'000);
    EXPECT_EQ(ask("/", "x", {{"Cache-Control", "max-stale=5"}}).text(), "three");
    Request& nothing = ask("/none", "x", {{"Cache-Control", "only-if-cached"}});
    EXPECT_EQ(nothing.status(), 504u);
    EXPECT_EQ(nothing.text(), "");
}

TEST_F(CacheTest, LeavesTheDecisionToTheSiteWhereToldSo) {
    host.set("request_control", "false");
    load();
    ask("/", "one");
    EXPECT_TRUE(isHit("/", {{"Cache-Control", "no-cache"}}));
    EXPECT_TRUE(isHit("/", {{"Pragma", "no-cache"}}));
    EXPECT_EQ(ask("/none", "x", {{"Cache-Control", "only-if-cached"}}).text(), "x");
}

TEST_F(CacheTest, ForgetsWhatAnUnsafeRequestChanged) {
    load();
    for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "PURGE"}) {
        for (const char* target : {"/", "/made", "/moved"}) ask(target, "before");
        fields = {{"Location", "/made"}, {"Content-Location", "http://example.org/moved"}};
        status = 403;
        ask("/", "no", {}, method);
        status = 200;
        EXPECT_TRUE(isHit("/")) << "it was refused, so nothing changed";
        status = 303;
        ask("/", "changed", {}, method);
        status = 200;
        fields = {{"Cache-Control", "max-age=60"}};
        for (const char* target : {"/", "/made", "/moved"}) EXPECT_FALSE(isHit(target)) << method << target;
        ask("/", "x", {{"Cache-Control", "no-cache"}}, "OPTIONS");
        EXPECT_TRUE(isHit("/")) << "OPTIONS changes nothing";
        host.shareds.tell("all");
    }
}

TEST_F(CacheTest, AnswersConditionsItself) {
    load();
    fields.emplace_back("ETag", "\"v1\"");
    fields.emplace_back("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
    ask("/", "hello");
    Request& same = ask("/", "x", {{"If-None-Match", "\"v0\", W/\"v1\""}});
    EXPECT_EQ(same.status(), 304u);
    EXPECT_EQ(same.text(), "");
    EXPECT_EQ(same.field("etag"), "\"v1\"");
    EXPECT_EQ(same.field("cache-control"), "max-age=60");
    EXPECT_EQ(same.field("content-type"), "");
    EXPECT_EQ(ask("/", "x", {{"If-None-Match", "\"v2\""}}).text(), "hello");
    EXPECT_EQ(ask("/", "x", {{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}}).status(), 304u);
    EXPECT_EQ(ask("/", "x", {{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"}}).text(), "hello");
    EXPECT_EQ(ask("/", "x", {{"If-Match", "\"v1\""}}).text(), "x") << "that is the site's to judge";
}

TEST_F(CacheTest, SendsPartsOfWhatItHas) {
    load();
    fields.emplace_back("ETag", "\"v1\"");
    ask("/", "0123456789");
    Request& part = ask("/", "x", {{"Range", "bytes=2-4"}});
    EXPECT_EQ(part.status(), 206u);
    EXPECT_EQ(part.text(), "234");
    EXPECT_EQ(part.field("content-range"), "bytes 2-4/10");
    EXPECT_EQ(ask("/", "x", {{"Range", "bytes=-3"}, {"If-Range", "\"v1\""}}).text(), "789");
    EXPECT_EQ(ask("/", "x", {{"Range", "bytes=-3"}, {"If-Range", "\"v2\""}}).text(), "0123456789");
    EXPECT_EQ(ask("/", "x", {{"Range", "bytes=0-1,5-6"}}).text(), "0123456789") << "several parts: the whole";
    Request& beyond = ask("/", "x", {{"Range", "bytes=10-"}});
    EXPECT_EQ(beyond.status(), 416u);
    EXPECT_EQ(beyond.field("content-range"), "bytes */10");
}

TEST_F(CacheTest, TakesAConfirmationForWhatItHas) {
    load();
    fields.emplace_back("ETag", "\"v1\"");
    ask("/", "hello");
    host.advance(61'000);
    status = 304;
    fields = {{"Cache-Control", "max-age=90"}, {"ETag", "\"v1\""}};
    EXPECT_EQ(ask("/", "", {{"If-None-Match", "\"v1\""}}).field("cache-status"),
              "Turnpike; fwd=stale; fwd-status=304; stored");
    host.advance(80'000);
    status = 200;
    Request& again = ask("/", "x");
    EXPECT_EQ(again.text(), "hello");
    EXPECT_EQ(again.field("cache-control"), "max-age=90");
    EXPECT_EQ(again.field("content-type"), "text/plain");
}

TEST_F(CacheTest, AsksWhetherWhatItHasStillHolds) {
    load();
    fields.emplace_back("ETag", "W/\"v1\"");
    fields.emplace_back("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(ask("/", "hello").asked("if-none-match"), "");
    host.advance(61'000);
    status = 304;
    fields = {{"Cache-Control", "max-age=90"}, {"Set-Cookie", "seen=1"}};
    Request& same = ask("/", "");
    EXPECT_EQ(same.asked("if-none-match"), "W/\"v1\"");
    EXPECT_EQ(same.asked("if-modified-since"), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(same.status(), 200u);
    EXPECT_EQ(same.text(), "hello");
    EXPECT_EQ(same.field("content-type"), "text/plain");
    EXPECT_EQ(same.field("cache-control"), "max-age=90");
    EXPECT_EQ(same.field("set-cookie"), "seen=1") << "it is this client's";
    EXPECT_EQ(same.field("cache-status"), "Turnpike; fwd=stale; fwd-status=304; stored");
    EXPECT_EQ(host.shareds.counter("confirmed"), 1);
    host.advance(80'000);
    Request& again = ask("/", "x");
    EXPECT_EQ(again.text(), "hello");
    EXPECT_EQ(again.field("set-cookie"), "");
}

TEST_F(CacheTest, TakesANewAnswerToItsQuestion) {
    load();
    fields.emplace_back("ETag", "\"v1\"");
    ask("/", "hello");
    host.advance(61'000);
    fields.back().second = "\"v2\"";
    EXPECT_EQ(ask("/", "new").text(), "new");
    EXPECT_EQ(ask("/", "x").text(), "new");
}

TEST_F(CacheTest, AsksNothingThatTheClientDoesNotWantToKnow) {
    load();
    fields.emplace_back("ETag", "\"v1\"");
    ask("/", "hello");
    host.advance(61'000);
    fields = {{"Set-Cookie", "a=b"}};  // for one client alone
    EXPECT_EQ(ask("/", "x", {{"If-None-Match", "\"v0\""}}).asked("if-none-match"), "\"v0\"");
    EXPECT_EQ(ask("/", "x", {{"If-Modified-Since", "x"}}).asked("if-none-match"), "");
    EXPECT_EQ(ask("/", "x", {{"Range", "bytes=0-1"}}).asked("if-none-match"), "");
    EXPECT_EQ(ask("/", "", {}, "HEAD").asked("if-none-match"), "");
    EXPECT_EQ(ask("/other", "x").asked("if-none-match"), "");
    EXPECT_EQ(ask("/", "x").asked("if-none-match"), "\"v1\"") << "all of these left it as it was";
}

TEST_F(CacheTest, ReloadsByAsking) {
    load();
    fields.emplace_back("ETag", "\"v1\"");
    ask("/", "hello");
    status = 304;
    Request& reloaded = ask("/", "", {{"Cache-Control", "no-cache"}});
    EXPECT_EQ(reloaded.asked("if-none-match"), "\"v1\"");
    EXPECT_EQ(reloaded.text(), "hello");
}

TEST_F(CacheTest, DoesNotTakeTheConfirmationOfAnother) {
    load();
    fields.emplace_back("ETag", "\"v1\"");
    ask("/", "hello");
    host.advance(61'000);
    status = 304;
    fields = {{"Cache-Control", "max-age=90"}, {"ETag", "\"v2\""}};
    ask("/", "", {{"If-None-Match", "\"v2\""}});
    status = 200;
    EXPECT_FALSE(isHit("/"));
}

TEST_F(CacheTest, DoesNotKeepWhatIsConfirmedUnderAnotherTag) {
    load();
    for (const char* tag : {"\"v2\"", "W/\"v1\""}) {
        const bool is_same = tag[0] == 'W';
        const std::string target = is_same ? "/weak" : "/other";
        status = 200;
        fields = {{"Cache-Control", "max-age=60"}, {"ETag", "\"v1\""}};
        ask(target, "hello");
        host.advance(61'000);
        status = 304;
        fields = {{"Cache-Control", "max-age=90"}, {"ETag", tag}};
        Request& answered = ask(target, "");
        EXPECT_EQ(answered.status(), 200u);
        EXPECT_EQ(answered.text(), "hello") << "it was asked about this one";
        EXPECT_EQ(answered.field("age"), is_same ? "" : "61");
        status = 200;
        fields = {};
        EXPECT_EQ(ask(target, "new").text(), is_same ? "hello" : "new");
    }
}

TEST_F(CacheTest, LearnsFromHead) {
    host.set("stale_if_error", "10m");
    load();
    const struct {
        Fields fields;
        const char *then, *content;
    } cases[] = {
        {{{"Cache-Control", "max-age=90"}, {"ETag", "\"v1\""}}, "old", ""},
        {{{"Cache-Control", "max-age=90"}, {"ETag", "\"v2\""}}, "broken", ""},
        {{{"Cache-Control", "max-age=90"}, {"Last-Modified", "Mon, 07 Nov 1994 08:49:37 GMT"}}, "broken", ""},
        {{{"Cache-Control", "max-age=90"}, {"ETag", "\"v1\""}}, "broken", "longer"},
        {{{"Cache-Control", "max-age=90"}}, "old", ""},
    };
    for (size_t i = 0; i < std::size(cases); ++i) {
        const std::string target = "/" + std::to_string(i);
        status = 200;
        fields = {{"Cache-Control", "max-age=60"},
                  {"ETag", "\"v1\""},
                  {"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"}};
        ask(target, "old");
        host.advance(61'000);
        fields = cases[i].fields;
        ask(target, cases[i].content, {}, "HEAD");
        status = 503;
        fields = {};
        Request& next = ask(target, "broken");
        EXPECT_EQ(next.text(), cases[i].then) << i;
        EXPECT_EQ(next.field("cache-status").find("hit") != std::string::npos, i == 0) << i;
    }
}

TEST_F(CacheTest, ForgetsWhatAReloadFindsGone) {
    load();
    const Fields kept = fields;
    for (const unsigned gone : {404u, 403u}) {
        const std::string target = "/" + std::to_string(gone);
        status = 200;
        fields = kept;
        ask(target, "old");
        status = gone;
        fields = {};
        EXPECT_EQ(ask(target, "gone", {{"Cache-Control", "no-cache"}}).text(), "gone");
        EXPECT_EQ(isHit(target), gone == 403) << "who may not see it says nothing of others";
    }
}

/// The answer that confirms may say so itself, or who asked for it.
TEST_F(CacheTest, KeepsNothingThatAConfirmationMayNotRenew) {
    load();
    const struct {
        const char *method, *says, *asked;
        unsigned status;
    } cases[] = {{"GET", "private", "no-cache", 304},
                 {"HEAD", "private", "no-cache", 200},
                 {"GET", "max-age=3600", "no-store", 304},
                 {"HEAD", "max-age=3600", "no-store", 200}};
    for (size_t i = 0; i < std::size(cases); ++i) {
        const std::string target = "/" + std::to_string(i);
        const bool is_forbidden_by_client = cases[i].asked == std::string("no-store");
        status = 200;
        fields = {{"Cache-Control", is_forbidden_by_client ? "max-age=60" : "max-age=3600"}, {"ETag", "\"v1\""}};
        ask(target, "old");
        if (is_forbidden_by_client) host.advance(61'000);
        status = cases[i].status;
        fields = {{"Cache-Control", cases[i].says}, {"ETag", "\"v1\""}};
        ask(target, "", {{"Cache-Control", cases[i].asked}}, cases[i].method);
        status = 200;
        EXPECT_FALSE(isHit(target)) << i;
    }
}

TEST_F(CacheTest, PurgesByUrlPrefixAndTag) {
    load();
    fields.emplace_back("Cache-Tag", "post-1, front");
    fields.emplace_back("Surrogate-Key", "all-posts");
    const auto isGone = [&](const std::string& notice, const std::string& target) {
        ask(target, "stored");
        EXPECT_TRUE(isHit(target)) << notice;
        host.shareds.tell(notice);
        return !isHit(target);
    };
    EXPECT_EQ(ask("/tags", "x").field("cache-tag") + ask("/tags2", "x").field("surrogate-key"), "")
        << "they are for the cache only";
    for (const char* notice : {"url /blog/1?x", "url http://example.org/blog/1?x", "prefix /blog", "tag post-1",
                               "tag all-posts", "all"})
        EXPECT_TRUE(isGone(notice, "/blog/1?x")) << notice;
    for (const char* notice : {"url /blog/1", "url http://example.com/blog/1?x", "prefix /other", "tag post"})
        EXPECT_FALSE(isGone(notice, "/blog/1?x")) << notice;
}

TEST_F(CacheTest, ForgetsRatherThanMissesANotice) {
    load();
    ask("/", "stored");
    EXPECT_TRUE(isHit("/"));
    for (int i = 0; i < 1025; ++i) host.shareds.tell("tag other");
    EXPECT_FALSE(isHit("/"));
}

TEST_F(CacheTest, LeavesOutWhatIsTooLarge) {
    host.set("max_object", "64KiB");
    load();
    ask("/large", std::string(65'537, 'x'));
    EXPECT_FALSE(isHit("/large"));
    ask("/small", std::string(60'000, 'x'));
    EXPECT_TRUE(isHit("/small"));
}

TEST_F(CacheTest, SendsLargeAnswersPieceByPiece) {
    load();
    std::string body;
    while (body.size() < 900'000) body += std::to_string(body.size()) + ",";
    ask("/", body);
    Request& slow = make("/").content(200, fields, "x").takes(10'000);
    run(slow);
    EXPECT_EQ(slow.text(), body);
    EXPECT_GT(slow.waits(), 5u);
    Request& gone = make("/").content(200, fields, "x").takes(10'000).leavesAfter(100'000);
    run(gone);
    EXPECT_TRUE(gone.aborted());
}

TEST_F(CacheTest, PutsLargeAnswersOnDisk) {
    host.set("disk", "128MiB").set("disk_object", "2MiB").set("max_object", "64KiB");
    load();
    ASSERT_EQ(host.shareds.size(), 2u);
    EXPECT_TRUE(host.shareds.declared(1).on_disk);
    std::string body(1'500'000, 'y');
    ask("/", body);
    EXPECT_EQ(ask("/", "x").text(), body);
    host.shareds.tell("url /");
    EXPECT_FALSE(isHit("/"));
}

}  // namespace
}  // namespace turnpike::cache
