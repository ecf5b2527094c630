// What a client is.
#include "access/limit_key.h"

#include <gtest/gtest.h>

#include <vector>

namespace turnpike::access {
namespace {

struct Asked {
    std::string address = "192.0.2.1", path = "/";
    std::vector<tp_field> fields = {};
};

std::string keyOf(const char* rule, const Asked& asked, unsigned v4 = 32, unsigned v6 = 64) {
    tp_request_view view{};
    view.struct_size = sizeof view;
    view.remote_address = str(asked.address);
    view.path = str(asked.path);
    view.fields = asked.fields.data();
    view.field_count = static_cast<uint32_t>(asked.fields.size());
    return LimitKey(rule, v4, v6).of(view);
}
tp_field of(std::string_view name, std::string_view value) { return {str(name), str(value)}; }

TEST(AccessLimitKey, IsTheAddressOrItsNetwork) {
    EXPECT_EQ(keyOf("address", {"192.0.2.1"}), keyOf("address", {"::ffff:192.0.2.1"}));
    EXPECT_NE(keyOf("address", {"192.0.2.1"}), keyOf("address", {"192.0.2.2"}));
    EXPECT_EQ(keyOf("address", {"192.0.2.1"}, 24), keyOf("address", {"192.0.2.250"}, 24));
    EXPECT_NE(keyOf("address", {"192.0.2.1"}, 31), keyOf("address", {"192.0.2.2"}, 31));
    EXPECT_EQ(keyOf("address", {"2001:db8:0:1::1"}), keyOf("address", {"2001:db8:0:1:ffff::2"}));
    EXPECT_NE(keyOf("address", {"2001:db8:0:1::1"}), keyOf("address", {"2001:db8:0:2::1"}));
    EXPECT_EQ(keyOf("address", {"2001:db8:0:1::1"}, 32, 48), keyOf("address", {"2001:db8:0:2::1"}, 32, 48));
    EXPECT_NE(keyOf("address", {"unix:"}), keyOf("address", {"192.0.2.1"}));
}

TEST(AccessLimitKey, IsAFieldOrACookieAndTheAddressWithoutOne) {
    const tp_field one = of("x-api-key", "one"), two = of("x-api-key", "two");
    EXPECT_EQ(keyOf("header:X-Api-Key", {"192.0.2.1", "/", {one}}),
              keyOf("header:X-Api-Key", {"192.0.2.9", "/", {one}}));
    EXPECT_NE(keyOf("header:X-Api-Key", {"192.0.2.1", "/", {one}}),
              keyOf("header:X-Api-Key", {"192.0.2.1", "/", {two}}));
    EXPECT_EQ(keyOf("header:X-Api-Key", {"192.0.2.1"}), keyOf("address", {"192.0.2.1"}));
    const tp_field a = of("cookie", "sidx=1; sid=one; b=2"), b = of("cookie", "sid=one"),
                   c = of("cookie", "sid=two");
    EXPECT_EQ(keyOf("cookie:sid", {"192.0.2.1", "/", {a}}), keyOf("cookie:sid", {"192.0.2.9", "/", {b}}));
    EXPECT_NE(keyOf("cookie:sid", {"192.0.2.1", "/", {a}}), keyOf("cookie:sid", {"192.0.2.1", "/", {c}}));
    EXPECT_EQ(keyOf("cookie:none", {"192.0.2.1", "/", {a}}), keyOf("address", {"192.0.2.1"}));
}

TEST(AccessLimitKey, MayBeJoined) {
    EXPECT_EQ(keyOf("site", {"192.0.2.1"}), keyOf("site", {"192.0.2.9"}));
    EXPECT_NE(keyOf("address+path", {"192.0.2.1", "/a"}), keyOf("address+path", {"192.0.2.1", "/b"}));
    EXPECT_NE(keyOf("address+path", {"192.0.2.1", "/a"}), keyOf("address+path", {"192.0.2.2", "/a"}));
    // Two parts are not one that looks like them.
    const tp_field x = of("x", "1c1:2"), y = of("x", "1"), z = of("cookie", "c=2");
    EXPECT_NE(keyOf("header:x+cookie:c", {"192.0.2.1", "/", {x}}),
              keyOf("header:x+cookie:c", {"192.0.2.1", "/", {y, z}}));
}

TEST(AccessLimitKey, IsRefusedWhenItIsNone) {
    for (const char* rule : {"", "adress", "header:", "header:a b", "cookie", "address,path", "address+"})
        EXPECT_THROW(LimitKey(rule, 32, 64), Refused) << rule;
}

}  // namespace
}  // namespace turnpike::access
