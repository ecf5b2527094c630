// fixture.h - the plugin on a fake host, in front of scripted upstreams.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "scripted_upstream.h"
#include "sdk/fake_host.hpp"
#include "support/patience.h"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace turnpike::proxy::test {

class ProxyTest : public ::testing::Test {
 protected:
    void load() {
        if (targets_.empty()) targets_ = {upstream.address()};
        host.setList("targets", targets_);
        ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().front();
    }
    fake::Request& get(const std::string& target = "/x") {
        return host.get(target).field("host", "www.example.org");
    }
    fake::Request& post(std::string body) {
        return host.request("POST", "/x").field("host", "www.example.org").body(std::move(body));
    }
    /// Runs a request of its own and gives its cause of failure.
    std::string causeOf(fake::Request& request, unsigned status) {
        EXPECT_TRUE(host.run(request, 20'000)) << request.why();
        EXPECT_EQ(request.status(), status);
        return request.cause();
    }
    /// Turns the loop until something is so that no event of the loop tells, such as the upstream's own state.
    template <class Condition>
    bool becomes(Condition condition) {
        for (Patience patience(std::chrono::seconds(20)); !condition(); host.loop.turn(5))
            if (!patience.lasts()) return false;
        return true;
    }

    ScriptedUpstream upstream;
    std::vector<std::string> targets_;  // instead of `upstream`
    fake::Host host;
};

}  // namespace turnpike::proxy::test
