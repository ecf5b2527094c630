// Reloads under load: nothing is refused, cut or wrong, and nothing is left behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "load.h"
#include "php_site.h"
#include "processes.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;

std::string siteWith(const std::string& marker) {
    return "[[site]]\nname = \"site\"\nroot = \"FOLDER/public\"\n"
           "[[site.route]]\nprefix = \"/\"\nplugin = \"teller\"\nmarker = \"" +
           marker + "\"\n[[site.route]]\nprefix = \"/\"\nplugin = \"static\"\n";
}

std::string digits(size_t size) {
    std::string text;
    for (size_t i = 0; text.size() < size; ++i) text.append(std::to_string(i)).append(",");
    return text;
}

class Reload : public ::testing::Test {
 protected:
    Reload() {
        server.setup.sites = siteWith("m0");
        server.folder().write("public/small.txt", "small\n");
        server.folder().write("public/large.txt", large);
    }
    std::vector<Load::Page> pages() const {
        return {exactly("/small.txt", "small\n"),
                exactly("/large.txt", large),
                {"/marker", [](const Answer& a) { return a.status == 200 && a.body.starts_with("m"); }},
                {"/slow?5", [](const Answer& a) { return a.status == 200 && std::atoi(a.body.c_str()) > 0; }}};
    }
    void configure(const std::string& marker) {
        server.setup.sites = siteWith(marker);
        server.writeConfig();
    }
    /// Descriptors of the server's processes together; -1: this user may not look.
    int descriptors(const std::string& part = "") const {
        int sum = 0;
        for (pid_t pid : server.workers()) {
            int count = openDescriptors(pid, part);
            if (count < 0) return -1;
            sum += count;
        }
        return sum + openDescriptors(server.pid(), part);
    }

    std::string large = digits(300'000);
    Turnpike server;
};

TEST_F(Reload, TwoHundredTimesUnderLoadLosesNothing) {
    ASSERT_TRUE(server.start());
    ASSERT_TRUE(server.reload());  // what the first generation did not have is there now
    const size_t processes = descendants(server.pid()).size();
    const int open = descriptors(), copies = descriptors("memfd:turnpike-plugin-");
    Load load(server.port(), pages(), 3, 2);
    for (int round = 1; round <= 200; ++round) {
        std::string marker = "m" + std::to_string(round), output;
        configure(marker);
        bool done = round % 10 == 0 ? server.run("reload", &output) == 0 : server.reload();
        ASSERT_TRUE(done) << round << output;
        // After the verb the workers of before may take connections for a moment more.
        ASSERT_TRUE(eventually([&] { return get(server.port(), "/marker").body == marker; })) << marker;
    }
    EXPECT_TRUE(load.goesOn());
    load.finish();
    EXPECT_TRUE(load.misses().empty()) << load.report();
    ASSERT_TRUE(server.reload());  // workers that have answered nothing, like those counted before
    EXPECT_EQ(server.number("reloads"), 202);
    EXPECT_EQ(server.number("failed_reloads"), 0);
    EXPECT_EQ(server.number("worker_deaths"), 0);
    ASSERT_TRUE(eventually([&] { return server.workers("draining").empty(); }));
    EXPECT_TRUE(eventually([&] { return descendants(server.pid()).size() == processes; }));
    EXPECT_EQ(descriptors(), open);
    EXPECT_EQ(descriptors("memfd:turnpike-plugin-"), copies);
    std::printf("%lu requests went well\n", static_cast<unsigned long>(load.good()));
}

TEST_F(Reload, AStormOfSignalsIsAFewReloadsAndLosesNothing) {
    ASSERT_TRUE(server.start());
    const size_t processes = descendants(server.pid()).size();
    Load load(server.port(), pages(), 3, 2);
    for (int i = 1; i <= 200; ++i) {
        configure(std::string("m").append(std::to_string(i)));
        server.signal(SIGHUP);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    // The last signal's config serves, whatever came of those before it.
    EXPECT_TRUE(eventually([&] { return get(server.port(), "/marker").body == "m200"; }));
    EXPECT_TRUE(load.goesOn());
    load.finish();
    EXPECT_TRUE(load.misses().empty()) << load.report();
    EXPECT_TRUE(eventually([&] { return descendants(server.pid()).size() == processes; }));
    EXPECT_LE(server.number("reloads"), 200);
}

TEST_F(Reload, WithABrokenConfigChangesNothingAndSaysWhereItIs) {
    ASSERT_TRUE(server.start());
    const auto workers = server.workers();
    Load load(server.port(), pages(), 2, 1);
    const std::string good = server.configText() + "[[site.route]]\nprefix = \"/x\"\n";
    const auto line = std::count(good.begin(), good.end(), '\n') + 1;
    struct Case {
        std::string last_lines, where, said;
    } cases[] = {
        {"plugin = \n", ":10: ", "expected value"},
        {"plugin = \"static\"\nplugin_x = 1\n", ":1: ", "unknown key"},
        {"plugin = \"statik\"\n", ":1: ", "there is no plugin \"statik\""},
        {"plugin = \"static\"\nautoindx = true\n", ":1: ", "did you mean \"autoindex\"?"},
        {"plugin = \"fastcgi\"\naddress = \"example.org:9\"\n", ":1: ", "not a numeric loopback address"},
    };
    for (const Case& c : cases) {
        // What is wrong stands in the last line.
        auto at = line + std::count(c.last_lines.begin(), c.last_lines.end(), '\n') - 1;
        const std::string where = server.configPath() + ":" + std::to_string(at) + c.where;
        server.writeConfigText(good + c.last_lines);
        std::string output;
        EXPECT_EQ(server.run("reload", &output), 1);
        EXPECT_THAT(output, HasSubstr(where));
        EXPECT_THAT(output, HasSubstr(c.said));
        EXPECT_THAT(output, HasSubstr("nothing was changed"));
        int before = server.number("failed_reloads");
        server.signal(SIGHUP);
        EXPECT_TRUE(eventually([&] { return server.number("failed_reloads") == before + 1; }));
        EXPECT_TRUE(server.waitForLog("reload: " + where)) << where;
        EXPECT_THAT(server.status()->getValue<std::string>("last_problem"), HasSubstr(where));
    }
    EXPECT_EQ(server.workers(), workers);
    configure("m9");
    EXPECT_TRUE(server.reload());
    EXPECT_EQ(get(server.port(), "/marker").body, "m9");
    load.finish();
    EXPECT_TRUE(load.misses().empty()) << load.report();
}

TEST_F(Reload, LetsSlowPhpFinish) {
    if (!hasPhpFpm()) GTEST_SKIP() << "php-fpm is not installed (package php-fpm)";
    server.folder().write("public/slow.php", "<?php usleep(200000); echo 'slow ', $_GET['n'];");
    server.setup.sites = phpFpmSite();
    ASSERT_TRUE(server.start());
    const auto fpm = server.backend();
    ASSERT_EQ(fpm.size(), 1u);
    std::vector<Load::Page> slow;
    for (const char* n : {"1", "2", "3"})
        slow.push_back(exactly(std::string("/slow.php?n=") + n, std::string("slow ") + n));
    Load load(server.port(), slow, 3, 2);
    for (int round = 0; round < 4; ++round) {
        ASSERT_TRUE(load.goesOn(2));
        ASSERT_TRUE(server.reload());
    }
    ASSERT_TRUE(load.goesOn(4));
    load.finish();
    EXPECT_TRUE(load.misses().empty()) << load.report();
    EXPECT_EQ(server.backend(), fpm) << "an unchanged backend stays";
}

TEST_F(Reload, ReplacesABackendWhoseConfigChanges) {
    if (!hasPhpFpm()) GTEST_SKIP() << "php-fpm is not installed (package php-fpm)";
    server.folder().write("public/page.php", "<?php usleep(20000); echo 'page';");
    server.setup.sites = phpFpmSite();
    ASSERT_TRUE(server.start());
    auto fpm = server.backend();
    Load load(server.port(), {exactly("/page.php", "page")}, 3, 2);
    for (int children = 4; children < 7; ++children) {
        size_t at = server.setup.sites.find("children = ");
        server.setup.sites[at + 11] = static_cast<char>('0' + children);
        server.writeConfig();
        ASSERT_TRUE(load.goesOn());
        ASSERT_TRUE(server.reload());
        auto next = server.backend();
        EXPECT_NE(next, fpm);
        for (pid_t old : fpm) EXPECT_TRUE(eventually([&] { return !isAlive(old); }));
        fpm = next;
    }
    ASSERT_TRUE(load.goesOn());
    load.finish();
    EXPECT_TRUE(load.misses().empty()) << load.report();
}

}  // namespace
}  // namespace turnpike::e2e
