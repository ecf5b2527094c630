#include "fixture.h"

namespace turnpike::headers {

using HeadersChanges = HeadersTest;
using Values = std::vector<std::string>;

TEST_F(HeadersChanges, SetReplacesWhateverTheAnswerHas) {
    host.setMap("set", {{"X-Frame-Options", "DENY"}, {"Cache-Control", "no-store"}});
    load();
    Request& r = answered({{"cache-control", "max-age=1"}, {"CACHE-CONTROL", "private"}, {"x-other", "1"}});
    EXPECT_EQ(r.fields(),
              (fake::Fields{{"x-other", "1"}, {"X-Frame-Options", "DENY"}, {"Cache-Control", "no-store"}}));
}

TEST_F(HeadersChanges, DefaultLeavesWhatTheAnswerHas) {
    host.setMap("default", {{"Cache-Control", "no-cache"}, {"X-New", "1"}});
    load();
    Request& r = answered({{"cache-control", "max-age=1"}});
    EXPECT_EQ(r.fields(), (fake::Fields{{"cache-control", "max-age=1"}, {"X-New", "1"}}));
}

TEST_F(HeadersChanges, AddPutsOneNameThereOften) {
    host.setList("add", {"Link: </a.css>; rel=preload", "Link:</b.js>; rel=preload "});
    load();
    EXPECT_EQ(all(answered({{"Link", "</c>; rel=next"}}), "Link"),
              (Values{"</c>; rel=next", "</a.css>; rel=preload", "</b.js>; rel=preload"}));
}

TEST_F(HeadersChanges, RemoveTakesEveryFieldOfThatName) {
    host.setList("remove", {"X-Powered-By", "X-Absent"});
    load();
    EXPECT_EQ(answered({{"x-powered-by", "PHP"}, {"X-POWERED-BY", "ASP"}, {"x-other", "1"}}).fields(),
              (fake::Fields{{"x-other", "1"}}));
}

TEST_F(HeadersChanges, RemoveComesBeforeTheOthers) {
    host.setList("remove", {"Link", "X-A"})
        .setList("add", {"Link: a", "Link: b"})
        .setMap("default", {{"X-A", "2"}});
    load();
    Request& r = answered({{"Link", "old"}, {"X-A", "1"}});
    EXPECT_EQ(all(r, "Link"), (Values{"a", "b"}));
    EXPECT_EQ(all(r, "X-A"), Values{"2"});
}

TEST_F(HeadersChanges, SetGoesBeforeDefault) {
    host.setMap("set", {{"X-Frame-Options", "DENY"}}).set("security", "true");
    load();
    EXPECT_EQ(all(answered({}), "X-Frame-Options"), Values{"DENY"});
}

TEST_F(HeadersChanges, MergeAddsWhatAListHasNot) {
    host.setMap("merge", {{"Vary", "Origin, accept-encoding"}});
    load();
    const struct {
        fake::Fields before;
        std::string after;
    } cases[] = {
        {{}, "Origin, accept-encoding"},
        {{{"Vary", "Accept-Encoding"}}, "Accept-Encoding, Origin"},
        {{{"Vary", "Cookie"}, {"Vary", "origin"}}, "Cookie, origin, accept-encoding"},
        {{{"Vary", "origin,Accept-Encoding"}}, "origin,Accept-Encoding"},
        {{{"Vary", "*"}}, "*"},
        {{{"Vary", ""}}, "Origin, accept-encoding"},
    };
    for (const auto& c : cases) EXPECT_EQ(all(answered(c.before), "Vary"), Values{c.after});
}

TEST_F(HeadersChanges, MergeKnowsNoStarInOtherLists) {
    host.setMap("merge", {{"Access-Control-Expose-Headers", "X-A"}});
    load();
    EXPECT_EQ(answered({{"Access-Control-Expose-Headers", "*"}}).field("Access-Control-Expose-Headers"), "*, X-A");
}

TEST_F(HeadersChanges, AddMergesVary) {
    host.setList("add", {"vary: Origin", "Vary: Accept-Encoding"});
    load();
    Request& r = answered({{"Vary", "Accept-Encoding"}});
    EXPECT_EQ(r.fields().size(), 1u);
    EXPECT_EQ(r.field("Vary"), "Accept-Encoding, Origin");
}

TEST_F(HeadersChanges, SecurityIsThreeFieldsWhereTheAnswerHasNone) {
    host.set("security", "true");
    load();
    EXPECT_EQ(answered({}).fields(), (fake::Fields{{"X-Content-Type-Options", "nosniff"},
                                                   {"X-Frame-Options", "SAMEORIGIN"},
                                                   {"Referrer-Policy", "strict-origin-when-cross-origin"}}));
    EXPECT_EQ(all(answered({{"Referrer-Policy", "no-referrer"}}), "Referrer-Policy"), Values{"no-referrer"});
}

TEST_F(HeadersChanges, AreMadeToErrorsAndRedirectionsToo) {
    host.setMap("set", {{"X-A", "1"}});
    load();
    for (unsigned status : {200u, 206u, 301u, 403u, 404u, 500u, 503u})
        EXPECT_EQ(answered({}, status).field("x-a"), "1") << status;
}

TEST_F(HeadersChanges, AreMadeToHead) {
    host.setMap("set", {{"X-A", "1"}});
    load();
    Request& head = host.request("HEAD", "/").content(200, {}, "content");
    ASSERT_TRUE(host.run(head)) << head.why();
    EXPECT_EQ(head.field("x-a"), "1");
}

}  // namespace turnpike::headers
