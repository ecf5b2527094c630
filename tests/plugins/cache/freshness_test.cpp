// The decisions of RFC 9111, case by case.
#include "freshness.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace turnpike::cache {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;
constexpr int64_t kNowS = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr uint64_t kNowNs = 5'000'000'000'000, kSecond = 1'000'000'000;

Stored store(const Fields& fields, unsigned status = 200, bool authorized = false, Defaults defaults = {}) {
    std::vector<tp_field> views;
    for (const auto& [name, value] : fields) views.push_back({str(name), str(value)});
    return mayStore(status, views, authorized, defaults, {kNowNs, kNowS * 1000});
}

std::string why(const Fields& fields, unsigned status = 200, bool authorized = false, Defaults defaults = {}) {
    const Stored stored = store(fields, status, authorized, defaults);
    return stored.refused == nullptr ? "stored" : stored.refused;
}

TEST(CacheStoring, FollowsSection3) {
    const struct {
        Fields fields;
        const char* outcome;
    } cases[] = {
        {{{"Cache-Control", "max-age=60"}}, "stored"},
        {{{"Cache-Control", "s-maxage=60"}}, "stored"},
        {{{"Cache-Control", "max-age=0, s-maxage=60"}}, "stored"},
        {{{"Cache-Control", "max-age=60, s-maxage=0"}}, "stale"},
        {{{"Cache-Control", "max-age=0"}}, "stale"},
        {{{"Cache-Control", "max-age=60, no-store"}}, "no-store"},
        {{{"Cache-Control", "max-age=60, private"}}, "private"},
        {{{"Cache-Control", "max-age=60, private=\"set-cookie\""}}, "private"},
        {{{"Cache-Control", "max-age=60, no-cache"}}, "no-cache"},
        {{{"Cache-Control", "max-age=60"}, {"cache-control", "No-Store"}}, "no-store"},
        {{{"Cache-Control", "max-age=60"}, {"Set-Cookie", "a=b"}}, "set-cookie"},
        {{{"Cache-Control", "public, max-age=60"}, {"Set-Cookie", "a=b"}}, "set-cookie"},
        {{{"Cache-Control", "max-age=60"}, {"Vary", "*"}}, "vary"},
        {{{"Cache-Control", "max-age=60"}, {"Vary", "Accept, *"}}, "vary"},
        {{{"Cache-Control", "max-age=60"}, {"Vary", "Accept"}}, "stored"},
        {{{"Cache-Control", "max-age=60"}, {"Content-Range", "bytes 0-1/2"}}, "content-range"},
        {{{"Expires", "Sun, 06 Nov 1994 08:59:37 GMT"}}, "stored"},
        {{{"Expires", "Sun, 06 Nov 1994 08:49:37 GMT"}}, "stale"},
        {{{"Expires", "0"}}, "stale"},
        {{{"Expires", "-1"}, {"Cache-Control", "max-age=60"}}, "stored"},
        {{{"Cache-Control", "public"}}, "no lifetime"},
        {{{"Last-Modified", "Sun, 06 Nov 1994 08:00:00 GMT"}}, "no lifetime"},
        {{}, "no lifetime"},
        {{{"Cache-Control", "max-age=60"}, {"Age", "60"}}, "stale"},
        {{{"Cache-Control", "max-age=60"}, {"Age", "59"}}, "stored"},
        {{{"Cache-Control", "max-age=60"}, {"Age", "7200, 0"}}, "stale"},
        {{{"Cache-Control", "max-age=60"}, {"Age", "5, 7200"}}, "stored"},
        {{{"Cache-Control", "max-age=60"}, {"Age", "99999999999999999999"}}, "stale"},
        {{{"Cache-Control", "max-age=60"}, {"Age", "60x"}}, "stored"},
        {{{"Cache-Control", "max-age=60"}, {"Date", "Sun, 06 Nov 1994 08:48:37 GMT"}}, "stale"},
    };
    for (const auto& c : cases) EXPECT_EQ(why(c.fields), c.outcome) << c.fields.back().second;
}

TEST(CacheStoring, KnowsWhichStatusesMayBeKept) {
    const Fields fields = {{"Cache-Control", "max-age=60"}};
    for (const unsigned status :
         {200u, 203u, 204u, 300u, 301u, 302u, 303u, 307u, 308u, 404u, 405u, 410u, 414u, 451u, 501u})
        EXPECT_EQ(why(fields, status), "stored") << status;
    for (const unsigned status : {201u, 206u, 304u, 400u, 401u, 403u, 429u, 500u, 502u, 503u, 504u})
        EXPECT_EQ(why(fields, status), "status") << status;
}

TEST(CacheStoring, SharesAnswersToKnownVisitorsOnlyWhereTheyAllowIt) {
    EXPECT_EQ(why({{"Cache-Control", "max-age=60"}}, 200, true), "authorization");
    for (const char* allowing : {"public, max-age=60", "s-maxage=60", "max-age=60, must-revalidate"}) {
        EXPECT_EQ(why({{"Cache-Control", allowing}}, 200, true), "stored") << allowing;
        EXPECT_EQ(store({{"Cache-Control", allowing}}).terms.for_authorized, 1u) << allowing;
    }
    EXPECT_EQ(store({{"Cache-Control", "max-age=60"}}).terms.for_authorized, 0u);
}

TEST(CacheStoring, KnowsWhoHasToldHisName) {
    tp_request_view view{};
    EXPECT_FALSE(isKnown(view));
    view.remote_user = str("joe");
    EXPECT_TRUE(isKnown(view)) << "a hook has found it out";
    view.remote_user = {};
    view.present = TP_HAS_AUTHORIZATION;
    EXPECT_TRUE(isKnown(view));
}

TEST(CacheStoring, GuessesLifetimesOnlyWhenAsked) {
    const Defaults hour{3'600'000, 0, 0};
    EXPECT_EQ(why({}, 200, false, hour), "stored");
    EXPECT_EQ(store({}, 200, false, hour).terms.lifetime_ms, 3'600'000);
    EXPECT_EQ(store({{"Cache-Control", "max-age=60"}}, 200, false, hour).terms.lifetime_ms, 60'000);
    EXPECT_EQ(why({{"Expires", "0"}}, 200, false, hour), "stale");
    EXPECT_EQ(why({{"Cache-Control", "max-age=x"}}, 200, false, hour), "stale");
    EXPECT_EQ(why({{"Cache-Control", "private"}}, 200, false, hour), "private");
    EXPECT_EQ(why({}, 302, false, hour), "no lifetime") << "it lives only as long as it says (RFC 9110 15.4.3)";
    EXPECT_EQ(why({{"Set-Cookie", "a=b"}}, 200, false, hour), "set-cookie");
    EXPECT_EQ(why({}, 404, false, hour), "no lifetime") << "it may have been written since";
}

TEST(CacheStoring, TakesTheLifetimeFromTheFirstThatSaysIt) {
    const Fields expires = {{"Expires", "Sun, 06 Nov 1994 08:59:37 GMT"}};
    EXPECT_EQ(store(expires).terms.lifetime_ms, 600'000);
    EXPECT_EQ(store({expires[0], {"Date", "Sun, 06 Nov 1994 08:49:27 GMT"}}).terms.lifetime_ms, 610'000);
    EXPECT_EQ(store({expires[0], {"Cache-Control", "max-age=5"}}).terms.lifetime_ms, 5'000);
    EXPECT_EQ(store({expires[0], {"Cache-Control", "max-age=5, s-maxage=7"}}).terms.lifetime_ms, 7'000);
}

TEST(CacheAge, IsTheOldestThatAnybodyTells) {
    const Fields fields = {
        {"Cache-Control", "max-age=600"}, {"Age", "10"}, {"Date", "Sun, 06 Nov 1994 08:49:07 GMT"}};
    const Terms terms = store(fields).terms;
    EXPECT_EQ(terms.ageAt(kNowNs), 30'000);
    EXPECT_EQ(terms.ageAt(kNowNs + 5 * kSecond), 35'000);
    EXPECT_EQ(terms.ageAt(kNowNs - 5 * kSecond), 30'000) << "a clock that runs backwards makes nothing younger";
    EXPECT_EQ(store({{"Cache-Control", "max-age=600"}, {"Age", "x"}}).terms.ageAt(kNowNs), 0);
    EXPECT_EQ(
        store({{"Cache-Control", "max-age=600"}, {"Date", "Sun, 06 Nov 1994 09:49:07 GMT"}}).terms.ageAt(kNowNs),
        0);
}

/// Of an answer that was fresh for a minute and is `age_s` old.
Use use(const char* answered, const char* asked, int64_t age_s, Defaults defaults = {}) {
    const Terms terms = store({{"Cache-Control", answered}}, 200, false, defaults).terms;
    Directives directives;
    directives.add(asked);
    return mayUse(terms, directives, kNowNs + static_cast<uint64_t>(age_s) * kSecond);
}

TEST(CacheUse, FollowsSection4AndTheRequest) {
    const struct {
        const char *answered, *asked;
        int64_t age_s;
        Use use;
    } cases[] = {
        {"max-age=60", "", 0, Use::Fresh},
        {"max-age=60", "", 59, Use::Fresh},
        {"max-age=60", "", 60, Use::No},
        {"max-age=60", "no-cache", 0, Use::OnError},
        {"max-age=60", "max-age=0", 1, Use::OnError},
        {"max-age=60", "max-age=10", 10, Use::Fresh},
        {"max-age=60", "max-age=10", 11, Use::OnError},
        {"max-age=60", "min-fresh=10", 50, Use::Fresh},
        {"max-age=60", "min-fresh=10", 51, Use::OnError},
        {"max-age=60", "max-stale", 10'000, Use::Stale},
        {"max-age=60", "max-stale=10", 70, Use::Stale},
        {"max-age=60", "max-stale=10", 71, Use::No},
        {"max-age=60", "max-stale=10, max-age=65", 70, Use::No},
        {"max-age=60, must-revalidate", "max-stale", 61, Use::No},
        {"max-age=60, proxy-revalidate", "max-stale", 61, Use::No},
        {"s-maxage=60", "max-stale", 61, Use::No},
        {"max-age=60, stale-while-revalidate=30", "", 60, Use::Revalidate},
        {"max-age=60, stale-while-revalidate=30", "", 89, Use::Revalidate},
        {"max-age=60, stale-while-revalidate=30", "", 90, Use::No},
        {"max-age=60, stale-while-revalidate=30", "no-cache", 61, Use::No},
        {"max-age=60, stale-while-revalidate=30", "min-fresh=1", 61, Use::No},
        {"s-maxage=60, stale-while-revalidate=30", "", 61, Use::Revalidate},
        {"max-age=60, must-revalidate, stale-while-revalidate=30", "", 61, Use::No},
        {"max-age=60, stale-if-error=30", "", 61, Use::OnError},
        {"max-age=60, stale-if-error=30", "", 90, Use::No},
        {"max-age=60, proxy-revalidate, stale-if-error=30", "", 61, Use::No},
    };
    for (const auto& c : cases)
        EXPECT_EQ(use(c.answered, c.asked, c.age_s), c.use) << c.answered << " | " << c.asked << " | " << c.age_s;
}

TEST(CacheUse, TakesTheSitesWordWhereTheAnswerHasNone) {
    const Defaults defaults{0, 20'000, 40'000};
    EXPECT_EQ(use("max-age=60", "", 79, defaults), Use::Revalidate);
    EXPECT_EQ(use("max-age=60", "", 80, defaults), Use::OnError);
    EXPECT_EQ(use("max-age=60", "", 100, defaults), Use::No);
    EXPECT_EQ(use("s-maxage=60", "", 61, defaults), Use::No) << "it forbids stale answers itself";
    EXPECT_EQ(use("max-age=60, must-revalidate", "", 61, defaults), Use::No);
    EXPECT_EQ(use("max-age=60, stale-if-error=0, stale-while-revalidate=0", "", 61, defaults), Use::No);
}

}  // namespace
}  // namespace turnpike::cache
