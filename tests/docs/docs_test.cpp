// The generated documents are those that the program prints today, and the others name what there is.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "support/server_process.h"
#include "support/temp_folder.h"

namespace turnpike {
namespace {

std::string documentation(const std::string& name) {
    std::stringstream text;
    text << std::ifstream(TURNPIKE_SOURCE "/docs/" + name).rdbuf();
    return text.str();
}

std::string said(const std::string& arguments, int status = 0) {
    std::string output;
    EXPECT_EQ(runProgram(TURNPIKE_PROGRAM " " + arguments + " 2>&1", &output), status) << output;
    return output;
}

TEST(Documentation, OfTheConfigurationIsWhatTheProgramPrints) {
    EXPECT_EQ(documentation("configuration.md"), said("explain --markdown"))
        << "write it anew: turnpike explain --markdown > docs/configuration.md";
}

TEST(Documentation, OfTheConfigurationForManIsWhatTheProgramPrints) {
    EXPECT_EQ(documentation("man/turnpike.toml.5"), said("explain --man"))
        << "write it anew: turnpike explain --man > docs/man/turnpike.toml.5";
}

/// The first block of that language in a text.
std::string block(const std::string& text, const std::string& language) {
    size_t begin = text.find("```" + language + "\n") + language.size() + 4;
    return text.substr(begin, text.find("```", begin) - begin);
}

TEST(Documentation, OfTheReadmeShowsThePluginThatIsBuilt) {
    EXPECT_EQ(block(documentation("../README.md"), "cpp"), block(documentation("writing-a-plugin.md"), "cpp"));
}

TEST(Documentation, OfTheReadmeShowsASiteThatServes) {
    TempFolder folder;
    std::string site = block(documentation("../README.md"), "toml");
    const std::string root = "/srv/www/example";
    site.replace(site.find(root), root.size(), folder.path());
    folder.write("turnpike.toml", site);
    said("check -c " + folder.path() + "/turnpike.toml");
}

TEST(Documentation, NamesEveryVerb) {
    std::istringstream help(said("--help"));
    const std::string page = documentation("man/turnpike.1");
    size_t verbs = 0;
    bool is_list = false;
    for (std::string line; std::getline(help, line);) {
        if (line.starts_with("Subcommands")) is_list = true;
        std::string verb;
        if (!is_list || !(std::istringstream(line) >> verb) || !line.starts_with("  ")) continue;
        if (line[2] == ' ') continue;  // more of the line above
        ++verbs;
        EXPECT_NE(page.find("\n.B " + verb), std::string::npos) << verb;
    }
    EXPECT_GE(verbs, 9u);
}

TEST(Explain, TellsOfAHiddenKeyOnlyWhoNamesIt) {
    for (const char* key : {"inject_null_calls", "server.ledger"}) {
        EXPECT_NE(said(std::string("explain ") + key).find("For measuring only"), std::string::npos) << key;
        const std::string name = std::string(key).substr(std::string(key).rfind('.') + 1);
        for (const char* list : {"explain", "explain server", "explain --markdown", "explain --man"})
            EXPECT_EQ(said(list).find(name), std::string::npos) << list;
    }
    EXPECT_EQ(said("explain inject_null_cals", 1), "there is no key \"inject_null_cals\"\n");
}

// docs/configuration.md promises it.
TEST(Explain, KnowsTheKeysOfAPlugin) {
    TempFolder folder;
    folder.write("turnpike.toml", "[server]\nplugin_folder = \"" TURNPIKE_BUILD
                                  "/plugins\"\n[[site]]\nhosts = [\"*\"]\nroot = \".\"\n[[site.route]]\nplugin = "
                                  "\"static\"\n");
    const std::string config = " -c " + folder.path() + "/turnpike.toml";
    EXPECT_NE(said("explain static" + config).find("static.autoindex\n"), std::string::npos);
    EXPECT_EQ(said("explain static.autoindex" + config),
              "static.autoindex\n    type     true or false\n    default  false\n    List a directory that has no "
              "index file. At most 1000 names.\n");
    EXPECT_EQ(said("explain static.autoindx" + config, 1),
              "there is no key \"autoindx\" - did you mean \"autoindex\"?\n");
    EXPECT_NE(said("explain statik" + config, 1).find("there is no key \"statik\""), std::string::npos);
}

}  // namespace
}  // namespace turnpike
