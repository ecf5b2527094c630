// fixture.h - the access plugin in a fake host, and requests from somewhere.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "sdk/fake_host.hpp"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace turnpike::access {

class AccessTest : public testing::Test {
 protected:
    void load() { ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().at(0); }
    void expectRefusal(const std::string& part) {
        ASSERT_FALSE(host.load(tp_plugin_entry));
        EXPECT_NE(host.problems().at(0).find(part), std::string::npos) << host.problems().at(0);
    }
    fake::Request& send(fake::Request& request) {
        EXPECT_TRUE(host.run(request.content(200, {}, "content"))) << request.why();
        return request;
    }
    unsigned statusFrom(const std::string& address, const std::string& target = "/") {
        return send(host.get(target).remote(address, 4711)).status();
    }

    fake::Host host;
};

}  // namespace turnpike::access
