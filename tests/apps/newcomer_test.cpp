// What `./run wordpress` starts once it has built: somebody goes from the wizard to their first post, and Ctrl-C
// leaves nothing behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "applications.h"
#include "browser.h"
#include "processes.h"
#include "support/running_program.h"
#include "support/temp_folder.h"

namespace turnpike::apps {
namespace {

/// What stands behind `name` in a line of `text`.
std::string said(const std::string& text, const std::string& name) {
    size_t at = text.find(name);
    if (at == std::string::npos) return "";
    at = text.find_first_not_of(' ', at + name.size());
    return text.substr(at, text.find('\n', at) - at);
}

TEST(Newcomer, ClicksThroughAWordPressUntilCtrlC) {
    if (std::string why = missing(applications()[0], gateways()[2]); !why.empty()) GTEST_SKIP() << why;
    if (std::string(TURNPIKE_BUILD) != TURNPIKE_SOURCE "/build/release")
        GTEST_SKIP() << "it serves from build/release, which is not what is tested here";
    TempFolder folder;
    const std::string address = "127.0.0.1:" + std::to_string(freePort());
    RunningProgram script({"/usr/bin/env", "--default-signal=INT", "WORDPRESS_LISTEN=" + address, "sh",
                           std::string(TURNPIKE_SOURCE) + "/examples/wordpress/wordpress.sh"},
                          folder.path() + "/log");
    const auto is_up = [&] { return script.output().find("Ctrl-C ends it") != std::string::npos; };
    ASSERT_TRUE(eventually([&] { return is_up() || !e2e::isAlive(script.pid()); }, std::chrono::minutes(3)));
    ASSERT_TRUE(is_up()) << script.output();
    EXPECT_EQ(said(script.output(), "WordPress:"), "http://" + address + "/");

    std::string told;
    EXPECT_EQ(browse("wordpress", "http://" + address, folder.path(), "", &told), 0) << told;
    EXPECT_THAT(told, testing::HasSubstr("journey complete"));

    const auto all = e2e::descendants(script.pid());
    EXPECT_GE(all.size(), 5U) << "MariaDB, Turnpike's master, spawner, workers, interpreters";
    const std::string config = said(script.output(), "Config:");
    EXPECT_TRUE(std::filesystem::exists(config)) << config;
    e2e::signalTo(script.pid(), SIGINT);
    EXPECT_EQ(script.waitForEnd(), 0) << script.output();
    for (pid_t pid : all) EXPECT_FALSE(e2e::isAlive(pid)) << pid;
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(config).parent_path()));
}

}  // namespace
}  // namespace turnpike::apps
