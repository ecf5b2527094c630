// `turnpike plugins` and `turnpike check` over a folder with good and bad plugins.
#include <gmock/gmock.h>

#include "plugin_folder.h"
#include "support/server_process.h"

namespace turnpike::testing {
namespace {

using ::testing::HasSubstr;

class Listing : public PluginFolder {
 protected:
    /// Writes a config that uses `plugin` and runs a verb with it.
    int run(const std::string& verb, const std::string& plugin, std::string* output) {
        const std::string config = path + "/../turnpike.toml";
        std::ofstream(config) << "[server]\nplugin_folder = \"plugins\"\n[[site]]\nhosts = [\"*\"]\n"
                              << "[[site.route]]\nplugin = \"" << plugin << "\"\n";
        return runProgram(TURNPIKE_PROGRAM " " + verb + " -c " + config + " 2>&1", output);
    }
};

TEST_F(Listing, HasARowForEachPluginThatCouldBeUsed) {
    put("good", "one");
    put("resident", "two");
    std::string output;
    EXPECT_EQ(run("plugins", "one", &output), 0);
    EXPECT_EQ(output,
              "one          1.0      good unless built otherwise (no hooks; ABI 1.0)\n"
              "two          1.0      good unless built otherwise (no hooks, never unloaded; ABI 1.0)\n");
}

TEST_F(Listing, SaysWhyAPluginCouldNotBeUsedAndGoesOn) {
    put("good", "good");
    std::string major = put("major", "major"), writable = put("good", "writable");
    ::chmod(writable.c_str(), 0646);
    std::string output;
    EXPECT_EQ(run("plugins", "good", &output), 1);
    EXPECT_THAT(output, HasSubstr("good         1.0 "));
    EXPECT_THAT(output, HasSubstr("turnpike: " + major + ": abi_major is 2, wanted 1"));
    EXPECT_THAT(output, HasSubstr("turnpike: " + writable + " is writable by everybody: chmod o-w\n"));
}

TEST_F(Listing, IsNotNeededToLearnWhyAConfigDoesNotWork) {
    std::string throws = put("throws", "throws"), output;
    EXPECT_EQ(run("check", "throws", &output), 1);
    EXPECT_THAT(output, HasSubstr("turnpike.toml:6:"));
    EXPECT_THAT(output, HasSubstr("plugin throws: configure() threw: no such thing\n"));
}

TEST_F(Listing, LetsNoPluginForgetTheSizeOfWhatItHandsOver) {
    put("unsized", "unsized");
    std::string output;
    EXPECT_EQ(run("check", "unsized", &output), 1);
    EXPECT_THAT(output, HasSubstr("plugin unsized: tp_backend_spec.struct_size is 0, wanted at least 120\n"));
}

TEST_F(Listing, TakesWhatAPluginOfTheFirstVersionHandsOver) {
    put("first_spec", "unsized");
    std::string output;
    EXPECT_EQ(run("check", "unsized", &output), 0) << output;
}

}  // namespace
}  // namespace turnpike::testing
