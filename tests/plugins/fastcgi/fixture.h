// fixture.h - the plugin on a fake host, in front of a scripted backend.
#pragma once
#include <gtest/gtest.h>

#include "scripted_backend.h"
#include "sdk/fake_host.hpp"
#include "support/patience.h"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace turnpike::fastcgi::test {

/// A site with a FastCGI program at "/app".
class FastCgiTest : public ::testing::Test {
 protected:
    void load() {
        if (backends_.empty())
            host.set("address", backend.address());
        else
            host.setList("addresses", backends_);
        ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().front();
    }
    fake::Request& get(const std::string& target = "/app/x") { return host.get(target).routePrefix("/app"); }
    fake::Request& post(std::string body) {
        return host.request("POST", "/app/x").routePrefix("/app").body(std::move(body));
    }
    /// Runs a request of its own and gives its cause of failure.
    std::string causeOf(fake::Request& request, unsigned status) {
        EXPECT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.status(), status);
        return request.cause();
    }
    /// Turns the loop until something is so that no event of the loop tells, such as the backend's own state.
    template <class Condition>
    bool becomes(Condition condition) {
        for (Patience patience(std::chrono::seconds(10)); !condition(); host.loop.turn(5))
            if (!patience.lasts()) return false;
        return true;
    }

    ScriptedBackend backend;
    std::vector<std::string> backends_;  // instead of `backend`
    fake::Host host;
};

}  // namespace turnpike::fastcgi::test
