#include "cookies.h"

#include <gtest/gtest.h>

namespace turnpike::cache {
namespace {

bool arePersonal(const Cookies& cookies, const std::vector<std::string>& values) {
    std::vector<tp_field> fields;
    fields.reserve(values.size());
    for (const std::string& value : values) fields.push_back({str("cookie"), str(value)});
    tp_request_view view{};
    view.fields = fields.data();
    view.field_count = static_cast<uint32_t>(fields.size());
    view.present = fields.empty() ? 0 : TP_HAS_COOKIE;
    return cookies.arePersonal(view);
}

TEST(CacheCookies, ArePersonalUnlessTheSiteSaysOtherwise) {
    EXPECT_FALSE(arePersonal({}, {}));
    EXPECT_TRUE(arePersonal({}, {"a=b"}));
    const Cookies listed({}, {"_ga", "_pk_*"});
    EXPECT_FALSE(arePersonal(listed, {"_ga=1; _pk_id=2", "_pk_ses=3"}));
    EXPECT_TRUE(arePersonal(listed, {"_ga=1; _pk_id=2; id=3"}));
    EXPECT_TRUE(arePersonal(listed, {"_ga=1", "_gat=3"}));
}

TEST(CacheCookies, ThatAreNamedPersonalStaySo) {
    const Cookies all({"wordpress_logged_in_*", "*session"}, {"*"});
    EXPECT_FALSE(arePersonal(all, {"theme=dark; lang=de"}));
    EXPECT_TRUE(arePersonal(all, {"theme=dark; wordpress_logged_in_0a1b=x"}));
    EXPECT_TRUE(arePersonal(all, {"wikidb_session=x"}));
    EXPECT_FALSE(arePersonal(all, {"session2=x; wordpress_test=y"}));
}

TEST(CacheCookies, WithoutANameArePersonal) {
    const Cookies all({"id"}, {"a*"});
    for (const char* odd : {"=x", "novalue", "a=1; =id", "a=1; x"}) EXPECT_TRUE(arePersonal(all, {odd})) << odd;
    EXPECT_FALSE(arePersonal(all, {" ; a=1;; "}));
    EXPECT_TRUE(arePersonal(all, {"a=1;id=2"}));
    EXPECT_TRUE(arePersonal(all, {"a=1; id =2"}));
}

}  // namespace
}  // namespace turnpike::cache
