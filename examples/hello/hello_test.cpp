// The plugin in a fake host: no server, no file, no port.
#include <gtest/gtest.h>

#include "sdk/fake_host.hpp"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace {

TEST(Hello, AnswersWithItsDefaultGreeting) {
    turnpike::fake::Host host;
    ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().front();
    auto& request = host.get("/hello");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.status(), 200u);
    EXPECT_EQ(request.field("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(request.text(), "Hello\n");
}

TEST(Hello, SaysWhatTheConfigSays) {
    turnpike::fake::Host host;
    host.set("greeting", "Good evening");
    ASSERT_TRUE(host.load(tp_plugin_entry));
    auto& request = host.get("/hello");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "Good evening\n");
}

}  // namespace
