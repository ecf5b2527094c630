#include "sdk/support/asked_path.h"

#include <gtest/gtest.h>

#include <string>

#include "http/request_head.h"
#include "sdk/plugin.hpp"

namespace turnpike::support {
namespace {

std::string asked(const std::string& target, const std::string& path = "/answers/in/the/end") {
    tp_request_view view{};
    view.target = str(target);
    view.path = str(path);
    return askedPath(view);
}

// The host's own function is the oracle: a path that one of them reads differently would miss its condition.
TEST(AskedPath, IsWhatTheHostMakesOfATarget) {
    for (const std::string target :
         {"/",           "/a",     "/a/",    "/a/b.css",      "//",           "//a//b//",   "/./a",
          "/a/./b",      "/a/.",   "/a/..",  "/a/../b",       "/a/b/../../c", "/a/b/..",    "/.well-known/x",
          "/..a",        "/a..",   "/a/...", "/%61%2e/%2E/b", "/a%20b",       "/%2e%2e./a", "/%C3%A4/x",
          "/a/%2e%2e/b", "/a%25b", "/a%3fb", "/a:b//c"}) {
        std::string expected(target.size(), '\0');
        const http::PathResult result = http::normalisePath(target, expected.data());
        ASSERT_EQ(result.status, 0) << target;
        expected.resize(result.size);
        EXPECT_EQ(asked(target), expected);
        EXPECT_EQ(asked(target + "?q=/../x"), expected);
        EXPECT_EQ(asked("http://example.org" + target), expected);
    }
}

TEST(AskedPath, OfATargetThatEndsWithItsHostIsTheRoot) {
    EXPECT_EQ(asked("http://example.org"), "/");
    EXPECT_EQ(asked("http://example.org?q=/a"), "/");
}

TEST(AskedPath, IsEmptyForARequestWithoutOne) {
    EXPECT_EQ(asked("*", ""), "");
    EXPECT_EQ(asked("/%00", ""), "");
}

}  // namespace
}  // namespace turnpike::support
