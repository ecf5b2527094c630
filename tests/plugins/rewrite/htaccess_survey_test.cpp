// All files of a site looked through before they are needed.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "rewrite/htaccess/survey.h"
#include "support/temp_folder.h"

namespace turnpike::rewrite::htaccess {
namespace {

class HtaccessSurvey : public testing::Test {
 protected:
    /// "PLACE: WHY" without the root.
    std::vector<std::string> found() const {
        std::vector<std::string> lines;
        for (const Finding& finding : survey(folder.path()))
            lines.push_back(finding.place.shown().substr(folder.path().size()) + ": " + finding.why);
        return lines;
    }
    TempFolder folder;
};

TEST_F(HtaccessSurvey, TellsEachFileThatWouldCloseItsFolder) {
    folder.write(".htaccess", "Options -Indexes\nFoo bar\n");
    folder.write("a/b/.htaccess", "\n\nAuthType Basic\n");
    folder.write("a/fine/.htaccess", "Require all denied\n");
    folder.write("big/.htaccess", std::string(256 * 1024 + 1, '#'));
    std::filesystem::create_directories(folder.path() + "/c/.htaccess");
    const auto lines = found();
    ASSERT_EQ(lines.size(), 4u);
    EXPECT_EQ(lines[0], "/.htaccess:2: Foo: is not understood");
    EXPECT_EQ(lines[1].substr(0, lines[1].find(" cannot")), "/a/b/.htaccess:3: AuthType: a password");
    EXPECT_EQ(lines[2], "/big/.htaccess:0: is no file of at most 256 KiB");
    EXPECT_EQ(lines[3], "/c/.htaccess:0: is no file of at most 256 KiB");
}

TEST_F(HtaccessSurvey, FollowsNoLinkToAFolderAndNoneOutOfTheRoot) {
    TempFolder outside;
    outside.write("sub/.htaccess", "Foo\n");
    folder.write("rules", "Bar\n");
    folder.write("own/x", "");
    folder.write("other/x", "");
    folder.write("none/x", "");
    std::filesystem::create_symlink(outside.path() + "/sub", folder.path() + "/by-link");
    std::filesystem::create_symlink("..", folder.path() + "/own/round");
    std::filesystem::create_symlink("../rules", folder.path() + "/own/.htaccess");
    std::filesystem::create_symlink(outside.path() + "/sub/.htaccess", folder.path() + "/other/.htaccess");
    std::filesystem::create_symlink("gone", folder.path() + "/none/.htaccess");
    EXPECT_EQ(found(), (std::vector<std::string>{
                           "/none/.htaccess:0: cannot be read: No such file or directory",
                           "/other/.htaccess:0: cannot be read: it is a link that leads out of the site's root",
                           "/own/.htaccess:1: Bar: is not understood"}));
}

TEST_F(HtaccessSurvey, IsBoundedInDepth) {
    std::string path;
    for (int i = 0; i < 70; ++i) path += "d/";
    folder.write(path + ".htaccess", "Foo\n");
    const auto lines = found();
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_NE(lines[0].find("is not looked at: 64 folders stand above it"), std::string::npos) << lines[0];
}

}  // namespace
}  // namespace turnpike::rewrite::htaccess
