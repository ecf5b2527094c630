// What Turnpike ships can be unloaded: nothing in it is of a kind that dlclose() leaves where it is.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "mappings.h"
#include "plugin/loader.h"
#include "support/temp_folder.h"

namespace turnpike::testing {
namespace {

const tp_host& host() {
    static const tp_host table = [] {
        tp_host t{};
        t.struct_size = sizeof t;
        t.abi_major = TP_ABI_MAJOR;
        t.abi_minor = TP_ABI_MINOR;
        return t;
    }();
    return table;
}

class Shipped : public ::testing::TestWithParam<const char*> {};

TEST_P(Shipped, LeavesNothingBehindWhenItIsUnloaded) {
    const std::string name = GetParam();
    const std::string file = name == "generation" ? GENERATIONS "/1/generation.so"
                                                  : std::string(TURNPIKE_BUILD) + "/plugins/" + name + ".so";
    TempFolder folder;
    std::filesystem::copy_file(file, folder.path() + "/" + name + ".so");
    std::filesystem::permissions(folder.path() + "/" + name + ".so", std::filesystem::perms(0644));
    {
        plugin::Loader loader(folder.path(), ::geteuid(), host());
        auto table = loader.load(name);
        ASSERT_TRUE(table) << table.error().text;
        EXPECT_EQ(copiesOf(name, "self").size(), 1u);
    }
    EXPECT_EQ(copiesOf(name, "self").size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(All, Shipped,
                         ::testing::Values("static", "cgi", "fastcgi", "headers", "access", "hello", "plain_c",
                                           "generation"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace turnpike::testing
