// A plugin of today in the server of tomorrow, whose tp_plugin has one member more. This file and the loader are
// compiled against that header: see CMakeLists.txt.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>

#include "plugin/loader.h"
#include "support/temp_folder.h"

namespace turnpike {
namespace {

TEST(AbiFuture, LoadsAPluginOfTodayAndReadsNothingBehindItsTable) {
    TempFolder folder;
    const std::string file = folder.path() + "/today.so";
    std::filesystem::copy_file(TODAY, file);
    ::chmod(file.c_str(), 0644);
    tp_host host{};
    host.struct_size = sizeof host;
    host.abi_major = TP_ABI_MAJOR;
    host.abi_minor = TP_ABI_MINOR;
    plugin::Loader loader(folder.path(), ::geteuid(), host);
    auto loaded = loader.load("today");
    ASSERT_TRUE(loaded) << loaded.error().text;
    const tp_plugin& table = **loaded;
    EXPECT_EQ(table.struct_size, offsetof(tp_plugin, on_future));
    EXPECT_EQ(table.abi_minor + 1, TP_ABI_MINOR);
    EXPECT_NE(table.on_log, nullptr) << "the last member that it has";
    EXPECT_EQ(table.on_future, nullptr) << "a hook that it has not got any slot for";
    EXPECT_NE(table.configure(&host, nullptr), nullptr);
}

}  // namespace
}  // namespace turnpike
