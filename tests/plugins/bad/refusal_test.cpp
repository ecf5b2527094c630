// Every way in which a plugin can be wrong is refused with a sentence that says what to do.
#include <gmock/gmock.h>

#include "plugin_folder.h"

namespace turnpike::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Bad {
    const char* name;
    const char* sentence;  // what follows "FOLDER/NAME.so"
};

class BadTable : public PluginFolder, public ::testing::WithParamInterface<Bad> {};

TEST_P(BadTable, IsRefusedWithItsSentence) {
    std::string file = put(GetParam().name, GetParam().name);
    EXPECT_EQ(refusal(GetParam().name), file + GetParam().sentence);
}

// The sizes are those of ABI 1.0 on a 64-bit system; tests/plugins/abi pins them too.
INSTANTIATE_TEST_SUITE_P(
    All, BadTable,
    ::testing::Values(
        Bad{"tiny", ": struct_size is 4, wanted at least 152"},
        Bad{"short", ": struct_size is 144, wanted at least 152"},
        Bad{"long", ": struct_size is 160, wanted at most 152 with abi_minor 0"},
        Bad{"major", ": abi_major is 2, wanted 1: build it against this Turnpike's plugin.h"},
        Bad{"minor", ": abi_minor is 1, wanted at most 0: it needs a newer Turnpike"},
        Bad{"capabilities", ": capabilities is 2147483648, wanted only bits of 7"},
        Bad{"null_keys", ": keys is NULL but key_count is 1"}, Bad{"null_name", ": name is empty"},
        Bad{"null_version", ": version is empty"}, Bad{"null_summary", ": summary is empty"},
        Bad{"null_configure", ": configure is NULL"},
        Bad{"no_symbol",
            ": is a library but no plugin: it does not export tp_plugin_entry (in C++: TURNPIKE_PLUGIN(Class))"},
        Bad{"null_table", ": tp_plugin_entry() returned NULL: it refuses this host, ABI 1.0"},
        Bad{"missing_symbol", " cannot be loaded: undefined symbol: no_library_has_this"},
        Bad{"null_key_name", ": key 0 has no name"},
        Bad{"key_name", ": key \"Size\": a name begins with a-z and holds a-z, 0-9 and _ only"},
        Bad{"key_of_route", ": key \"prefix\" would hide the route's own key of that name: call it otherwise"},
        Bad{"missing_library",
            " cannot be loaded: libnobody_has_this.so: cannot open shared object file: No such file or directory"},
        Bad{"key_type", ": key \"size\": type is 99, wanted one of TP_KEY_*"},
        Bad{"key_default", ": key \"size\" is required and has a default"},
        Bad{"key_help", ": key \"size\" has no help text"},
        Bad{"duplicate_keys", ": key \"greeting\" is declared twice"}),
    [](const auto& each) { return std::string(each.param.name); });

using BadFile = PluginFolder;

TEST_F(BadFile, ThatIsNotThereIsAnsweredWithTheNamesThatAre) {
    put("good", "static");
    put("good", "cgi");
    EXPECT_EQ(refusal("statik"), "there is no plugin \"statik\" in " + path + "; there are: cgi, static");
}

TEST_F(BadFile, InAnEmptyFolderIsAnsweredWithNone) {
    EXPECT_THAT(refusal("static"), EndsWith("; there are: none"));
}

TEST_F(BadFile, WithANameThatLeavesTheFolderIsRefused) {
    for (const char* name : {"", "../plugins/good", "a/b", "Good", "good.so", "a\n"})
        EXPECT_THAT(refusal(name), EndsWith("is not a plugin's name: only a-z, 0-9, - and _ are allowed")) << name;
}

TEST_F(BadFile, ThatIsTextIsRefused) {
    std::ofstream(path + "/text.so") << "#!/bin/sh\n";
    EXPECT_EQ(refusal("text"), path + "/text.so is not a shared library: it has no ELF header");
}

TEST_F(BadFile, ThatIsCutShortIsRefused) {
    std::filesystem::resize_file(put("good", "cut"), 100);
    EXPECT_THAT(refusal("cut"), StartsWith(path + "/cut.so is cut short"));  // the C library says the rest
}

TEST_F(BadFile, ThatIsEmptyIsRefused) {
    std::ofstream(path + "/empty.so").close();
    EXPECT_EQ(refusal("empty"), path + "/empty.so is not a shared library: it has no ELF header");
}

TEST_F(BadFile, ThatIsAProgramIsRefused) {
    std::filesystem::copy_file("/proc/self/exe", path + "/program.so");
    ::chmod((path + "/program.so").c_str(), 0644);
    EXPECT_THAT(refusal("program"), StartsWith(path + "/program.so cannot be loaded: cannot dynamically load "));
}

TEST_F(BadFile, ThatIsForAnotherMachineIsRefused) {
    std::string file = put("good", "foreign");
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(18);           // e_machine
    bytes.write("\x16\0", 2);  // of a mainframe
    bytes.close();
    EXPECT_THAT(refusal("foreign"), StartsWith(file + " cannot be loaded: "));
}

TEST_F(BadFile, ThatMayNotBeReadIsRefused) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
    std::string file = put("good", "good");
    ASSERT_EQ(::chmod(file.c_str(), 0200), 0);
    EXPECT_EQ(refusal("good"), file + ": Permission denied");
}

TEST_F(BadFile, ThatIsASymbolicLinkIsRefused) {
    put("good", "good");
    std::filesystem::create_symlink("good.so", path + "/link.so");
    EXPECT_EQ(refusal("link"), path + "/link.so is a symbolic link: put the file itself there");
}

TEST_F(BadFile, ThatIsNoRegularFileIsRefused) {
    std::filesystem::create_directory(path + "/folder.so");
    ASSERT_EQ(::mkfifo((path + "/fifo.so").c_str(), 0644), 0);
    EXPECT_EQ(refusal("folder"), path + "/folder.so is not a regular file");
    EXPECT_EQ(refusal("fifo"), path + "/fifo.so is not a regular file");
}

TEST_F(BadFile, ThatOthersMayWriteIsRefused) {
    std::string file = put("good", "good");
    ASSERT_EQ(::chmod(file.c_str(), 0646), 0);
    EXPECT_EQ(refusal("good"), file + " is writable by everybody: chmod o-w");
    ASSERT_EQ(::chmod(file.c_str(), 0664), 0);
    EXPECT_EQ(refusal("good"), file + " is writable by its group: chmod g-w");
}

TEST_F(BadFile, InAFolderThatOthersMayWriteIsRefused) {
    put("good", "good");
    ASSERT_EQ(::chmod(path.c_str(), 01777), 0);  // sticky does not help: anybody may add plugins
    EXPECT_EQ(refusal("good"), "plugin folder refused: " + path + " is writable by everybody: chmod o-w");
}

TEST_F(BadFile, BelowAParentThatOthersMayWriteIsRefused) {
    put("good", "good");
    std::string parent = std::filesystem::path(path).parent_path();
    ASSERT_EQ(::chmod(parent.c_str(), 0777), 0);
    EXPECT_EQ(refusal("good"), "plugin folder refused: " + path + "/.. is writable by everybody: chmod o-w");
    ASSERT_EQ(::chmod(parent.c_str(), 01777), 0);  // as /tmp: others cannot replace the folder
    EXPECT_EQ(refusal("good"), "");
}

TEST_F(BadFile, OfAnotherUserIsRefused) {
    put("good", "good");
    plugin::Loader of_nobody(path, ::geteuid() == 65534 ? 65533 : 65534, kHost);
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown((path + "/good.so").c_str(), 12345, 12345), 0);
        auto table = of_nobody.load("good");
        ASSERT_FALSE(table);
        EXPECT_EQ(table.error().text, path + "/good.so belongs to user 12345, wanted root or user 65534");
    } else {
        auto table = of_nobody.load("good");
        ASSERT_FALSE(table);
        EXPECT_THAT(table.error().text, HasSubstr("belongs to user " + std::to_string(::geteuid())));
    }
}

TEST_F(BadFile, InAFolderThatIsNotThereIsRefused) {
    plugin::Loader nowhere("/nonexistent/plugins", ::geteuid(), kHost);
    auto table = nowhere.load("good");
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().text, "plugin folder refused: /nonexistent/plugins: No such file or directory");
}

}  // namespace
}  // namespace turnpike::testing
