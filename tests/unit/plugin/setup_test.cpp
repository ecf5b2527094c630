#include "plugin/setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnpike::plugin {
namespace {

const tp_key kKeys[] = {{"greeting", TP_KEY_STRING, 0, "hello", "What to say."},
                        {"wait", TP_KEY_DURATION, 0, "1s", "How long."},
                        {"names", TP_KEY_LIST, 0, nullptr, "To whom."},
                        {"env", TP_KEY_MAP, 0, nullptr, "What else."}};

/// One use of a plugin with all kinds of keys, as config::bind() gives them.
class Setup : public ::testing::Test {
 protected:
    Setup() {
        site.name = "shop";
        site.root = "/srv/shop";
        site.index = {"index.html", "index.php"};
        std::vector<config::BoundKey> keys(4);
        for (size_t i = 0; i < 4; ++i) keys[i].declared = &kKeys[i];
        keys[0].text = "good evening";
        keys[0].is_set = true;
        keys[0].at = {"site.toml", 7, 3};
        keys[1].integer = 1000;
        keys[2].list = {"ann", "bob"};
        keys[3].map = {{"A", "1"}, {"B", "2"}};
        setup.emplace(site, use, std::move(keys), problems);
    }

    config::Site site;
    config::PluginUse use{"hello", {"site.toml", 5, 1}, {}};
    std::vector<config::Problem> problems;
    std::optional<tp_setup> setup;
};

std::string_view text(tp_str s) { return {s.ptr, s.len}; }

TEST_F(Setup, GivesValuesOfEveryType) {
    EXPECT_EQ(text(configString(&*setup, "greeting")), "good evening");
    EXPECT_EQ(configInteger(&*setup, "wait"), 1000);
    const tp_str* names = nullptr;
    ASSERT_EQ(configList(&*setup, "names", &names), 2u);
    EXPECT_EQ(text(names[1]), "bob");
    const tp_field* env = nullptr;
    ASSERT_EQ(configMap(&*setup, "env", &env), 2u);
    EXPECT_EQ(text(env[1].name), "B");
    EXPECT_EQ(text(env[1].value), "2");
}

TEST_F(Setup, TellsWhatTheFileSetItself) {
    EXPECT_EQ(configIsSet(&*setup, "greeting"), 1);
    EXPECT_EQ(configIsSet(&*setup, "wait"), 0);
}

TEST_F(Setup, TellsItsSite) {
    EXPECT_EQ(text(siteName(&*setup)), "shop");
    EXPECT_EQ(text(siteRoot(&*setup)), "/srv/shop");
    const tp_str* names = nullptr;
    ASSERT_EQ(siteIndex(&*setup, &names), 2u);
    EXPECT_EQ(text(names[0]), "index.html");
}

TEST_F(Setup, PointsARefusalAtTheKeyOrElseAtThePlugin) {
    EXPECT_EQ(configError(&*setup, "greeting", "too friendly"), nullptr);
    configError(&*setup, "wait", "too long");
    configError(&*setup, "", "not today");
    ASSERT_EQ(problems.size(), 3u);
    EXPECT_EQ(problems[0].at.line, 7u);
    EXPECT_EQ(problems[0].message, "plugin hello: greeting: too friendly");
    EXPECT_EQ(problems[1].at.line, 5u);  // a default stands in no file
    EXPECT_EQ(problems[2].message, "plugin hello: not today");
}

TEST_F(Setup, RefusesAPluginThatReportsAnErrorAndReturnsAnInstance) {
    static int destroyed = 0;
    tp_plugin table{};
    table.configure = [](const tp_host*, tp_setup* s) -> void* {
        configError(s, "", "half done");
        return &destroyed;
    };
    table.destroy = [](void*) { ++destroyed; };
    EXPECT_EQ(configure(table, tp_host{}, *setup), nullptr);
    EXPECT_EQ(destroyed, 1);
}

using SetupDeathTest = Setup;

TEST_F(SetupDeathTest, StopsAPluginThatAsksForWhatItDidNotDeclare) {
    EXPECT_DEATH(configString(&*setup, "greting"),
                 "plugin hello: config_string\\(\"greting\"\\): the plugin did not declare that key");
    EXPECT_DEATH(configIsSet(&*setup, "x"), "did not declare");
}

TEST_F(SetupDeathTest, StopsAPluginThatAsksForAnotherType) {
    const tp_str* items = nullptr;
    const tp_field* fields = nullptr;
    EXPECT_DEATH(configString(&*setup, "wait"),
                 "config_string\\(\"wait\"\\): the key was declared with another type");
    EXPECT_DEATH(configInteger(&*setup, "greeting"), "another type");
    EXPECT_DEATH(configList(&*setup, "env", &items), "another type");
    EXPECT_DEATH(configMap(&*setup, "names", &fields), "another type");
}

}  // namespace
}  // namespace turnpike::plugin
