#include "key.h"

#include <gtest/gtest.h>

#include <set>

namespace turnpike::cache {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A request, as long as this lives.
struct Asked {
    explicit Asked(std::string at, Fields with = {}, std::string of = "example.org", bool secure = false)
        : target(std::move(at)), fields(std::move(with)) {
        fields.insert(fields.begin(), {"host", std::move(of)});
        for (const auto& [name, value] : fields) views.push_back({str(name), str(value)});
        for (const auto& [name, value] : fields)
            if (name == "accept-encoding") view.present |= TP_HAS_ACCEPT_ENCODING;
        view.fields = views.data();
        view.field_count = static_cast<uint32_t>(views.size());
        view.target = str(target);
        const size_t mark = target.find('?');
        view.path = str(std::string_view(target).substr(0, mark));
        if (mark != std::string::npos) view.query = str(std::string_view(target).substr(mark + 1));
        view.secure = secure ? 1 : 0;
    }
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;
    std::string target;
    Fields fields;
    std::vector<tp_field> views;
    tp_request_view view{};
};

std::string keyOf(const Asked& asked) { return primaryKey(asked.view).value_or("none"); }

TEST(CacheKey, HoldsAllThatMakesAnotherAnswer) {
    std::set<std::string> keys;
    for (const char* target :
         {"/", "/?", "/?a", "/a", "/A", "/a/", "//a", "/%61", "/a?b=1&c=2", "/a?c=2&b=1", "/a%3Fb"})
        keys.insert(keyOf(Asked(target)));
    keys.insert(keyOf(Asked("/", {}, "example.net")));
    keys.insert(keyOf(Asked("/", {}, "example.org:8080")));
    keys.insert(keyOf(Asked("/", {}, "example.org", true)));
    EXPECT_EQ(keys.size(), 14u);
    EXPECT_EQ(keyOf(Asked("/", {}, "EXAMPLE.org")), keyOf(Asked("/")));
    EXPECT_EQ(keyOf(Asked("http://example.org/")), "none");
    EXPECT_EQ(keyOf(Asked("*")), "none");
}

TEST(CacheKey, IsAnotherForEveryFieldThatScriptsTakeForTheTarget) {
    std::set<std::string> keys = {keyOf(Asked("/"))};
    for (const std::string_view name : targetFields())
        keys.insert(keyOf(Asked("/", {{std::string(name), "evil"}})));
    EXPECT_EQ(keys.size(), targetFields().size() + 1);
    EXPECT_GE(targetFields().size(), 12u);
    for (const char* name :
         {"x-forwarded-host", "x-original-url", "x-rewrite-url", "x-http-method-override", "forwarded"})
        EXPECT_NE(keyOf(Asked("/", {{name, "a"}})), keyOf(Asked("/", {{name, "b"}}))) << name;
    EXPECT_EQ(keyOf(Asked("/", {{"user-agent", "evil"}})), keyOf(Asked("/")));
}

TEST(CacheKey, FollowsReferencesWithinTheOrigin) {
    const Asked asked("/form", {{"x-forwarded-proto", "https"}}, "example.org:81");
    const std::string page = keyOf(Asked("/page?1", {{"x-forwarded-proto", "https"}}, "example.org:81"));
    for (const char* same : {"/page?1", "http://example.org:81/page?1", "http://EXAMPLE.org:81/page?1#top"})
        EXPECT_EQ(keyOfReference(asked.view, same).value_or("none"), page) << same;
    for (const char* other : {"", "//evil/page", "http://example.org/page", "https://example.org:81/page",
                              "http://example.org:811/page", "http://example.org:81.evil/page", "page"})
        EXPECT_FALSE(keyOfReference(asked.view, other)) << other;
}

std::string varyText(const Fields& fields) {
    std::vector<tp_field> views;
    for (const auto& [name, value] : fields) views.push_back({str(name), str(value)});
    return varyOf(views).value_or("everything");
}

TEST(CacheVary, IsSortedAndHoldsEachNameOnce) {
    EXPECT_EQ(varyText({}), "");
    EXPECT_EQ(varyText({{"Vary", "Cookie, Accept-Encoding"}, {"vary", "accept-encoding,, X-A"}}),
              "accept-encoding,cookie,x-a");
    EXPECT_EQ(varyText({{"Vary", "accept, *"}}), "everything");
}

std::string variant(const Fields& fields, const char* vary) { return variantOf(Asked("/", fields).view, vary); }

TEST(CacheVary, ComparesCodingsByTheChoicesThatTheyLead) {
    const auto coding = [](const char* value) { return variant({{"accept-encoding", value}}, "accept-encoding"); };
    EXPECT_EQ(coding("gzip, br"), coding("br,gzip"));
    EXPECT_EQ(coding("gzip;q=0.9, br;q=0.9"), coding("br;q=0.5, gzip;q=0.5"));
    EXPECT_EQ(coding("gzip, sdch"), coding("gzip"));
    EXPECT_NE(coding("gzip;q=0.5, br"), coding("gzip, br;q=0.5"));
    EXPECT_NE(coding("gzip"), variant({}, "accept-encoding"));
    EXPECT_NE(coding("gzip"), coding("gzip, identity;q=0"));
}

TEST(CacheVary, ComparesOtherFieldsAsLists) {
    const auto language = [](const char* value) {
        return variant({{"accept-language", value}}, "accept-language");
    };
    EXPECT_EQ(language("de, en"), language(" de ,en"));
    EXPECT_NE(language("de, en"), language("en, de"));
    EXPECT_NE(variant({{"x-a", "1"}, {"x-b", ""}}, "x-a,x-b"), variant({{"x-a", ""}, {"x-b", "1"}}, "x-a,x-b"));
    EXPECT_NE(variant({{"x-a", ""}}, "x-a"), variant({}, "x-a"));
    EXPECT_EQ(variant({{"cookie", "a=b"}}, "cookie"), variant({}, "cookie"));
}

TEST(CacheHash, DependsOnTheKey) {
    EXPECT_EQ(hashOf({1, 2}, "x"), hashOf({1, 2}, "x"));
    EXPECT_FALSE(hashOf({1, 2}, "x") == hashOf({1, 3}, "x"));
    EXPECT_FALSE(hashOf({1, 2}, "x") == hashOf({1, 2}, "y"));
}

}  // namespace
}  // namespace turnpike::cache
