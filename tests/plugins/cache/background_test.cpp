// Answers past their time that are renewed by requests which no client waits for (RFC 5861 section 3).
#include <cerrno>

#include "fixture.h"

namespace turnpike::cache {
namespace {

class CacheBackground : public CacheTest {
 protected:
    CacheBackground() {
        fields = {{"Cache-Control", "max-age=60, stale-while-revalidate=600"}, {"Content-Type", "text/plain"}};
        host.setList("harmless_cookies", {"*"});
    }
    /// "/" is stored as "old" and past its time.
    void storeOld(const Fields& asked = {}) {
        load();
        ask("/", "old", asked);
        host.advance(61'000);
    }
    /// The only one, once it is over.
    Request& renewal() {
        host.settle();
        EXPECT_EQ(host.background().size(), 1u);
        EXPECT_TRUE(host.background().at(0)->done());
        return *host.background().at(0);
    }
};

TEST_F(CacheBackground, SendsWhatItHasAndRenewsItAfterwards) {
    storeOld();
    Request& first = ask("/", "new");
    EXPECT_EQ(first.text(), "old");
    EXPECT_EQ(first.field("cache-status"), "Turnpike; hit; ttl=-1");
    EXPECT_EQ(renewal().backgroundOf(), first.id());
    EXPECT_EQ(renewal().asked("host"), "example.org");
    EXPECT_EQ(renewal().field("cache-status"), "Turnpike; fwd=stale; fwd-status=200; stored");
    EXPECT_EQ(ask("/", "newer").text(), "new");
    EXPECT_EQ(host.background().size(), 1u);
}

TEST_F(CacheBackground, TakesNothingOfAnybodyAlong) {
    fields.emplace_back("Vary", "X-Flavour, Cookie, Authorization");
    const Fields asked = {
        {"Cookie", "a=1"}, {"X-Flavour", "mint"}, {"X-Forwarded-Host", "h"},       {"User-Agent", "browser"},
        {"X-Secret", "s"}, {"Referer", "r"},      {"If-None-Match", "\"theirs\""}, {"Range", "bytes=0-1"}};
    storeOld({{"X-Flavour", "mint"}, {"X-Forwarded-Host", "h"}});
    EXPECT_EQ(ask("/", "new", asked).text(), "ol");
    Request& its = renewal();
    EXPECT_EQ(its.asked("x-flavour"), "mint");
    EXPECT_EQ(its.asked("x-forwarded-host"), "h");
    EXPECT_EQ(its.asked("user-agent"), "browser");
    for (const char* name : {"cookie", "x-secret", "referer", "if-none-match", "range"})
        EXPECT_EQ(its.asked(name), "") << name;
    EXPECT_TRUE(isHit("/", {{"X-Flavour", "mint"}, {"X-Forwarded-Host", "h"}}));
}

// The config calls the cookie harmless, the site says that its answers may depend on it.
TEST_F(CacheBackground, StoresWhatVariesByCookiesAsItIsWithoutAny) {
    load();
    fields.emplace_back("Vary", "Cookie");
    Request& first = ask("/", "page", {{"Cookie", "a=1"}});
    EXPECT_EQ(first.text(), "page");
    EXPECT_EQ(first.field("cache-status"), "Turnpike; fwd=miss; fwd-status=200; detail=vary-cookie");
    EXPECT_EQ(renewal().asked("cookie"), "");
    EXPECT_EQ(renewal().field("cache-status"), "Turnpike; fwd=miss; fwd-status=200; stored");
    for (const Fields& asked : {Fields{}, Fields{{"Cookie", "a=1"}}, Fields{{"Cookie", "b=2"}}})
        EXPECT_TRUE(isHit("/", asked));
    ask("/", "new page", {{"Cookie", "a=1"}, {"Cache-Control", "no-cache"}});
    host.settle();
    EXPECT_EQ(ask("/", "x").text(), "new page") << "who reloads renews it for all";
}

TEST_F(CacheBackground, AsksNoSiteThatRestsForWhatVariesByCookies) {
    storeOld();
    status = 502;
    EXPECT_EQ(ask("/", "broken").text(), "old");
    renewal();
    status = 200;
    fields.emplace_back("Vary", "Cookie");
    const Fields reload = {{"Cookie", "a=1"}, {"Cache-Control", "no-cache"}};
    ask("/", "for a=1", reload);
    host.settle();
    EXPECT_EQ(host.background().size(), 1u);
    host.advance(1001);
    ask("/", "for a=1", reload);
    host.settle();
    EXPECT_EQ(host.background().size(), 2u);
}

TEST_F(CacheBackground, StoresNothingThatVariesByCookiesWhereItCannotAsk) {
    load();
    fields.emplace_back("Vary", "Cookie");
    host.refuseBackground(-EAGAIN);
    ask("/", "for a=1", {{"Cookie", "a=1"}});
    EXPECT_EQ(ask("/", "for all").text(), "for all") << "the turn was given back, and nothing was stored";
    EXPECT_TRUE(isHit("/", {{"Cookie", "a=1"}}));
}

TEST_F(CacheBackground, HearsNothingInAHeadThatVariesByCookies) {
    fields.insert(fields.end(), {{"Vary", "Cookie"}, {"ETag", "\"v1\""}});
    storeOld();
    fields.back().second = "\"v2\"";
    ask("/", "", {{"Cookie", "a=1"}, {"Cache-Control", "no-cache"}}, "HEAD");
    EXPECT_EQ(ask("/", "new").text(), "old");
}

TEST_F(CacheBackground, LetsThoseWaitWhoHaveToldTheirName) {
    fields[0].second += ", public";
    storeOld();
    EXPECT_EQ(ask("/", "new", {{"Authorization", "Basic YTpi"}}).text(), "new");
    EXPECT_TRUE(host.background().empty());
}

TEST_F(CacheBackground, LetsTheClientBringItWhereNoneCanBeBegun) {
    storeOld();
    host.refuseBackground(-EAGAIN);
    EXPECT_EQ(ask("/", "new").text(), "new");
    EXPECT_TRUE(isHit("/"));
    host.advance(61'000);
    host.refuseBackground(0);
    EXPECT_EQ(ask("/", "newer").text(), "new") << "the turn was given back";
}

TEST_F(CacheBackground, LivesWithAServerThatHasNone) {
    host.extend(TP_BACKGROUND_ID, nullptr);
    storeOld();
    EXPECT_EQ(ask("/", "new").text(), "new");
}

TEST_F(CacheBackground, KeepsWhatItHasWhenTheSiteFails) {
    storeOld();
    status = 502;
    EXPECT_EQ(ask("/", "broken").text(), "old");
    EXPECT_EQ(renewal().status(), 502u);
    EXPECT_TRUE(host.logged("a stored answer was not renewed: status 502"));
    EXPECT_FALSE(host.logged("a stored answer is sent instead of"));
    status = 200;
    host.advance(1001);
    EXPECT_EQ(ask("/", "new").text(), "old");
    host.settle();
    EXPECT_EQ(host.background().size(), 2u) << "nobody has to wait for the turn of the one that failed";
    EXPECT_EQ(ask("/", "newer").text(), "new");
}

TEST_F(CacheBackground, LetsASiteRestThatFailsAtOnce) {
    storeOld();
    const Fields good = fields;
    fields = {{"Cache-Control", "no-store"}};
    for (const unsigned wrong : {502u, 501u}) {
        status = wrong;
        const size_t before = host.background().size();
        for (int i = 0; i < 5; ++i) {
            EXPECT_EQ(ask("/", "broken").text(), "old");
            host.settle();
            EXPECT_EQ(host.background().size(), before + 1) << "nobody asks it again within a second";
        }
        EXPECT_EQ(ask("/other", "x").status(), wrong) << "other answers are asked for all the same";
        host.advance(1001);
    }
    status = 200;
    fields = good;
    EXPECT_EQ(ask("/", "new").text(), "old");
    host.settle();
    EXPECT_EQ(ask("/", "newer").text(), "new");
}

TEST_F(CacheBackground, LetsASiteRestOnlyAsLongAsTheAnswerMayBeSent) {
    fields[0].second = "max-age=60, stale-while-revalidate=2";
    storeOld();
    status = 502;
    EXPECT_EQ(ask("/", "broken").text(), "old");
    renewal();
    host.advance(999);
    EXPECT_EQ(ask("/", "broken").text(), "old");
    status = 200;
    host.advance(1000);
    EXPECT_EQ(ask("/", "new").text(), "new") << "past stale-while-revalidate the client waits";
    EXPECT_EQ(host.background().size(), 1u);
}

TEST_F(CacheBackground, BringsANewAnswerToWhoAsksForOneWhileTheSiteRests) {
    storeOld();
    status = 502;
    EXPECT_EQ(ask("/", "broken").text(), "old");
    renewal();
    status = 200;
    EXPECT_EQ(ask("/", "new", {{"Cache-Control", "no-cache"}}).text(), "new");
    EXPECT_EQ(ask("/", "newer").text(), "new");
}

TEST_F(CacheBackground, AsksWhetherItStillHolds) {
    fields.emplace_back("ETag", "\"v1\"");
    storeOld();
    status = 304;
    EXPECT_EQ(ask("/", "").text(), "old");
    EXPECT_EQ(renewal().asked("if-none-match"), "\"v1\"");
    EXPECT_TRUE(isHit("/"));
    EXPECT_EQ(host.background().size(), 1u) << "it is fresh again";
}

TEST_F(CacheBackground, RenewsWithGetWhatHeadHasFoundStale) {
    storeOld();
    Request& head = ask("/", "new", {}, "HEAD");
    EXPECT_EQ(head.field("cache-status"), "Turnpike; hit; ttl=-1");
    EXPECT_EQ(renewal().text(), "new");
    EXPECT_EQ(ask("/", "newer").text(), "new");
}

TEST_F(CacheBackground, EndsTheTurnOfOneThatIsGivenUp) {
    storeOld();
    Request& first = make("/").content(status, fields, std::string(2u << 20, 'x'));  // past max_object
    EXPECT_EQ(run(first).text(), "old");
    EXPECT_TRUE(renewal().aborted());
    ask("/", "new");
    EXPECT_EQ(ask("/", "newer").text(), "new") << "what is too large is not waited for";
}

}  // namespace
}  // namespace turnpike::cache
