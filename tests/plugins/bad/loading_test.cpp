// Loading, unloading and configuring real .so files.
#include <gmock/gmock.h>

#include <sstream>

#include "plugin/setup.h"
#include "plugin_folder.h"

namespace turnpike::testing {
namespace {

using ::testing::ElementsAre;
using Loading = PluginFolder;

/// How many mappings of this process belong to the plugin `name`.
int mappings(const std::string& name) {
    std::ifstream maps("/proc/self/maps");
    int count = 0;
    for (std::string line; std::getline(maps, line);)
        if (line.find("turnpike-plugin-" + name + " ") != line.npos) ++count;
    return count;
}

TEST_F(Loading, GivesTheTable) {
    put("good", "good");
    plugin::Loader plugins = loader();
    auto table = plugins.load("good");
    ASSERT_TRUE(table) << table.error().text;
    EXPECT_STREQ((*table)->name, "bad");
    EXPECT_EQ((*table)->key_count, 1u);
}

TEST_F(Loading, GivesTheSameTableTwice) {
    put("good", "good");
    plugin::Loader plugins = loader();
    auto first = plugins.load("good"), second = plugins.load("good");
    ASSERT_TRUE(first && second);
    EXPECT_EQ(*first, *second);
}

TEST_F(Loading, KeepsPluginsApart) {
    put("good", "one");
    put("throws", "two");
    plugin::Loader plugins = loader();
    auto one = plugins.load("one"), two = plugins.load("two");
    ASSERT_TRUE(one && two);
    EXPECT_STREQ((*one)->name, "bad");
    EXPECT_STREQ((*two)->name, "throws");
}

TEST_F(Loading, ShowsThePluginsNameInTheProcessMap) {
    put("good", "good");
    plugin::Loader plugins = loader();
    ASSERT_TRUE(plugins.load("good"));
    EXPECT_GT(mappings("good"), 0);
}

TEST_F(Loading, EndsWithTheLoader) {
    put("good", "good");
    {
        plugin::Loader plugins = loader();
        ASSERT_TRUE(plugins.load("good"));
    }
    EXPECT_EQ(mappings("good"), 0);
}

TEST_F(Loading, LeavesNothingOfARefusedPluginBehind) {
    put("major", "major");
    plugin::Loader plugins = loader();
    ASSERT_FALSE(plugins.load("major"));
    EXPECT_EQ(mappings("major"), 0);
}

TEST_F(Loading, NeverUnloadsAResidentPlugin) {
    put("resident", "resident");
    {
        plugin::Loader plugins = loader();
        ASSERT_TRUE(plugins.load("resident"));
    }
    EXPECT_GT(mappings("resident"), 0);
}

TEST_F(Loading, RunsAPrivateCopy) {
    std::string file = put("good", "good");
    plugin::Loader plugins = loader();
    auto table = plugins.load("good");
    ASSERT_TRUE(table);
    std::filesystem::resize_file(file, 0);  // a mapped file that is cut would end the process with SIGBUS
    EXPECT_NE((*table)->configure(&kHost, nullptr), nullptr);
    EXPECT_STREQ((*table)->keys[0].help, "What to say.");
}

TEST_F(Loading, ListsWhatIsThere) {
    put("good", "b");
    put("good", "a");
    std::ofstream(path + "/README.md") << "not a plugin";
    EXPECT_THAT(loader().names(), ElementsAre("a", "b"));
}

/// What configure() of the plugin built as `name` is refused with.
class Configuring : public PluginFolder {
 protected:
    std::vector<std::string> refusals(const std::string& name) {
        put(name, name);
        plugin::Loader plugins = loader();
        auto table = plugins.load(name);
        EXPECT_TRUE(table);
        config::Site site;
        config::PluginUse use{name, {"turnpike.toml", 12, 5}, {}};
        std::vector<config::Problem> problems;
        tp_setup setup(site, use, {}, problems);
        void* self = plugin::configure(**table, kHost, setup);
        EXPECT_EQ(self == nullptr, !problems.empty());
        std::vector<std::string> texts;
        for (const config::Problem& problem : problems) {
            EXPECT_EQ(problem.at.line, 12u);
            texts.push_back(problem.message);
        }
        return texts;
    }
};

TEST_F(Configuring, SucceedsWithAGoodPlugin) { EXPECT_THAT(refusals("good"), ElementsAre()); }

TEST_F(Configuring, TurnsAnExceptionIntoAProblem) {
    EXPECT_THAT(refusals("throws"), ElementsAre("plugin throws: configure() threw: no such thing"));
}

TEST_F(Configuring, TurnsAnyThrownValueIntoAProblem) {
    EXPECT_THAT(refusals("throws_number"),
                ElementsAre("plugin throws_number: configure() threw something that is no std::exception"));
}

TEST_F(Configuring, NoticesARefusalWithoutAReason) {
    EXPECT_THAT(refusals("silent"), ElementsAre("plugin silent: configure() refused and did not say why"));
}

}  // namespace
}  // namespace turnpike::testing
