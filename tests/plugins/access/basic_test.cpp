// Who may enter by name and password.
#include <algorithm>
#include <chrono>

#include "fixture.h"

namespace turnpike::access {

class AccessByPassword : public AccessTest {
 protected:
    AccessByPassword() { setUsers("ann:" + cheapHash("secret") + "\n"); }

    /// Tens of milliseconds.
    static std::string slowHash(const char* password) {
        crypt_data data{};
        return crypt_r(password, "$2y$09$abcdefghijklmnopqrstuu", &data);
    }
    /// Whether the request had to wait for the pool.
    bool isHeld(const char* pair) {
        fake::Request& request = host.get("/").field("Authorization", "Basic " + base64(pair));
        host.begin(request.content(200, {}, "content"));
        host.settle(1);
        const bool is_held = request.why().find("held by on_access()") != std::string::npos;
        send(request);
        return is_held;
    }
};

TEST_F(AccessByPassword, AsksForIt) {
    host.set("realm", R"(a "quiet" place\)");
    load();
    fake::Request& request = send(host.get("/"));
    EXPECT_EQ(request.status(), 401u);
    EXPECT_EQ(request.field("www-authenticate"), R"(Basic realm="a \"quiet\" place\\", charset="UTF-8")");
    EXPECT_NE(request.text(), "content");
}

TEST_F(AccessByPassword, LetsInWhoHasIt) {
    load();
    for (int again = 0; again < 2; ++again) {
        fake::Request& request = as("ann:secret");
        EXPECT_EQ(request.status(), 200u);
        EXPECT_EQ(request.text(), "content");
        EXPECT_EQ(request.remoteUser(), "ann");
        EXPECT_EQ(request.field("www-authenticate"), "");
    }
}

TEST_F(AccessByPassword, RefusesEverybodyElse) {
    load();
    for (const char* pair : {"ann:wrong", "ann:", "ann:secret ", "bob:secret", "Ann:secret", ":secret", "ann"}) {
        fake::Request& request = as(pair);
        EXPECT_EQ(request.status(), 401u) << pair;
        EXPECT_NE(request.field("www-authenticate"), "") << pair;
        EXPECT_EQ(request.remoteUser(), "") << pair;
    }
    EXPECT_TRUE(host.logged("wrong password for \"ann\""));
    EXPECT_TRUE(host.logged("there is no user \"bob\""));
    EXPECT_FALSE(host.logged("secret"));
}

TEST_F(AccessByPassword, RefusesAPasswordThatIsNobodysByName) {
    load();
    EXPECT_EQ(as("ann:secret").status(), 200u);
    EXPECT_EQ(as("nobody:secret").status(), 401u);  // it verifies against the hash of somebody
}

TEST_F(AccessByPassword, TakesCredentialsOnceOnly) {
    load();
    const std::string right = "Basic " + base64("ann:secret");
    EXPECT_EQ(send(host.get("/").field("Authorization", right).field("Authorization", right)).status(), 401u);
}

TEST_F(AccessByPassword, WritesNoLineOfTheLogForAVisitor) {
    load();
    as("x\xc2\x85\"y:z");
    EXPECT_TRUE(host.logged("there is no user \"x???y\""));
}

TEST_F(AccessByPassword, IsVerifiedOffTheLoopAndRemembered) {
    setUsers("ann:" + slowHash("secret") + "\n");
    host.set("remember", "10s");
    load();
    EXPECT_TRUE(isHeld("ann:secret"));
    EXPECT_FALSE(isHeld("ann:secret"));
    EXPECT_TRUE(isHeld("ann:wrong"));
    EXPECT_TRUE(isHeld("ann:wrong"));
    host.advance(11'000);
    EXPECT_TRUE(isHeld("ann:secret"));
}

TEST_F(AccessByPassword, IsVerifiedEachTimeWhenNothingIsToBeRemembered) {
    setUsers("ann:" + slowHash("secret") + "\n");
    host.set("remember", "0s");
    load();
    EXPECT_TRUE(isHeld("ann:secret"));
    EXPECT_TRUE(isHeld("ann:secret"));
}

TEST_F(AccessByPassword, IsNoLongerAskedForAClientThatHasLeft) {
    load();
    fake::Request& request = host.get("/").field("Authorization", "Basic " + base64("ann:secret"));
    host.begin(request);
    host.settle(1);
    request.leave();
    EXPECT_TRUE(host.runUntil([&] { return request.done() && host.tickets() == 0; }));
    host.settle();
    EXPECT_EQ(as("ann:secret").status(), 200u);
}

TEST_F(AccessByPassword, WaitsForNoPlaceOfAFullPool) {
    load();
    host.loop.pool.limit = 0;
    EXPECT_EQ(as("ann:secret").status(), 503u);
    EXPECT_EQ(host.tickets(), 0u);
    EXPECT_TRUE(host.logged("limits.pool_queue"));
}

TEST_F(AccessByPassword, IsAskedForAfterTheAddress) {
    host.setList("allow", {"10.0.0.0/8"});
    load();
    EXPECT_EQ(statusFrom("192.0.2.1"), 403u);
    EXPECT_EQ(statusFrom("10.0.0.1"), 401u);
    EXPECT_EQ(as("ann:secret").status(), 403u);  // from 127.0.0.1
}

TEST_F(AccessByPassword, OrTheAddressIsEnough) {
    host.setList("allow", {"10.0.0.0/8"}).set("satisfy", "any");
    load();
    EXPECT_EQ(statusFrom("10.0.0.1"), 200u);
    EXPECT_EQ(statusFrom("192.0.2.1"), 401u);
    EXPECT_EQ(as("ann:secret").status(), 200u);
    EXPECT_EQ(as("ann:wrong").status(), 401u);
}

TEST_F(AccessByPassword, IsAskedForOnItsPathsOnly) {
    host.setList("paths", {"/admin"});
    load();
    EXPECT_EQ(as("ann:wrong", "/").status(), 200u);
    EXPECT_EQ(as("ann:wrong", "/admin/x").status(), 401u);
}

TEST_F(AccessByPassword, TakesAsLongForANameThatNobodyHas) {
    setUsers("ann:" + slowHash("secret") + "\n");
    load();
    const auto time = [this](const char* pair) {
        auto least = std::chrono::nanoseconds::max();
        for (int i = 0; i < 3; ++i) {
            const auto before = std::chrono::steady_clock::now();
            EXPECT_EQ(as(pair).status(), 401u);
            least = std::min(least, std::chrono::nanoseconds(std::chrono::steady_clock::now() - before));
        }
        return static_cast<double>(least.count());
    };
    const double ratio = time("nobody:x") / time("ann:x");
    EXPECT_GT(ratio, 0.2);  // it would be a thousandth
    EXPECT_LT(ratio, 5.0);
}

}  // namespace turnpike::access
