// Who may ask how often, and how much at once.
#include "fixture.h"

namespace turnpike::access {

class AccessByRate : public AccessTest {
 protected:
    fake::Request& from(const std::string& address, const std::string& target = "/") {
        return send(host.get(target).remote(address, 4711));
    }
};

TEST_F(AccessByRate, RefusesWhoAsksTooOften) {
    host.set("rate", "2/h");
    load();
    EXPECT_EQ(from("192.0.2.1").status(), 200u);
    EXPECT_EQ(from("192.0.2.1").status(), 200u);
    fake::Request& refused = from("192.0.2.1");
    EXPECT_EQ(refused.status(), 429u);
    const int seconds = std::atoi(refused.field("retry-after").c_str());
    EXPECT_GT(seconds, 1700);
    EXPECT_LE(seconds, 1800);
    EXPECT_NE(refused.text(), "content");
    EXPECT_EQ(from("192.0.2.2").status(), 200u);
    EXPECT_TRUE(host.logged("too many requests of the client 192.0.2.1 (rate)"));
}

TEST_F(AccessByRate, TakesABurstOfItsOwn) {
    host.set("rate", "1000/day").set("burst", "3");
    load();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(from("192.0.2.1").status(), 200u);
    EXPECT_EQ(from("192.0.2.1").status(), 429u);
}

TEST_F(AccessByRate, IsForItsPathsAndNotForThoseWhoAreUnlimited) {
    host.set("rate", "1/day").setList("paths", {"/login"}).setList("unlimited", {"10.0.0.0/8"});
    load();
    EXPECT_EQ(from("192.0.2.1", "/login").status(), 200u);
    EXPECT_EQ(from("192.0.2.1", "/login").status(), 429u);
    EXPECT_EQ(from("192.0.2.1", "/").status(), 200u);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(from("10.0.0.1", "/login").status(), 200u);
}

TEST_F(AccessByRate, IsAskedBeforeThePassword) {
    setUsers("ann:" + cheapHash("secret") + "\n");
    host.set("rate", "3/h");
    load();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(as("ann:guess").status(), 401u);
    EXPECT_EQ(as("ann:secret").status(), 429u);
}

TEST_F(AccessByRate, BoundsWhatIsUnderWay) {
    host.set("at_once", "1");
    load();
    // The client takes nothing, so that its answer stays under way.
    fake::Request& first = host.begin(host.get("/").takes(0).content(200, {}, "content"));
    host.settle();
    fake::Request& second = from("127.0.0.1");
    EXPECT_EQ(second.status(), 429u);
    EXPECT_EQ(second.field("retry-after"), "1");
    first.takes(1000);
    ASSERT_TRUE(host.run(first)) << first.why();
    EXPECT_EQ(from("127.0.0.1").status(), 200u);
    fake::Request& left = host.begin(host.get("/").takes(0).content(200, {}, "content"));
    host.settle();
    left.leave();
    ASSERT_TRUE(host.runUntil([&] { return left.done(); }));
    EXPECT_EQ(from("127.0.0.1").status(), 200u);
}

struct Wrong {
    const char *key, *value, *says;
};
class AccessLimitSettings : public AccessTest, public testing::WithParamInterface<Wrong> {};

TEST_P(AccessLimitSettings, AreRefusedWhenTheyMeanNothing) {
    host.set(GetParam().key, GetParam().value).setList("allow", {"all"});
    expectRefusal(std::string(GetParam().key) + ": " + GetParam().says);
}
INSTANTIATE_TEST_SUITE_P(
    , AccessLimitSettings,
    testing::Values(Wrong{"rate", "10", "\"10\" is no rate"}, Wrong{"rate", "10/week", "\"10/week\" is no rate"},
                    Wrong{"rate", "0/s", "\"0/s\" is no rate"}, Wrong{"rate", "/s", "\"/s\" is no rate"},
                    Wrong{"rate", "10/s ", "\"10/s \" is no rate"},
                    Wrong{"rate", "99999999/s", "\"99999999/s\" is no rate"},
                    Wrong{"burst", "3", "says nothing without `rate`"},
                    Wrong{"at_once", "-1", "must be from 0 to"}, Wrong{"clients", "600", "says nothing without"},
                    Wrong{"limit_by", "path", "says nothing without"}));

}  // namespace turnpike::access
