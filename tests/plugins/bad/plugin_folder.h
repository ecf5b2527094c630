// plugin_folder.h - a private plugin folder that tests fill with built plugins, so that neither the build folder's
// permissions nor its other files matter.
#pragma once
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "plugin/loader.h"

namespace turnpike::testing {

/// A host that the plugins under test never call.
inline const tp_host kHost = [] {
    tp_host host{};
    host.struct_size = sizeof host;
    host.abi_major = TP_ABI_MAJOR;
    host.abi_minor = TP_ABI_MINOR;
    return host;
}();

class PluginFolder : public ::testing::Test {
 protected:
    PluginFolder() {
        char name[] = "/tmp/turnpike-plugins-XXXXXX";
        path = mkdtemp(name);
        path += "/plugins";
        std::filesystem::create_directory(path);
        ::chmod(path.c_str(), 0755);
    }
    ~PluginFolder() override { std::filesystem::remove_all(std::filesystem::path(path).parent_path()); }

    /// Puts a built plugin there; returns its path.
    std::string put(const std::string& built, const std::string& as) {
        std::string to = path + "/" + as + ".so";
        std::filesystem::copy_file(std::string(BAD_PLUGINS) + "/" + built + ".so", to,
                                   std::filesystem::copy_options::overwrite_existing);
        ::chmod(to.c_str(), 0644);
        return to;
    }
    plugin::Loader loader() { return plugin::Loader(path, ::geteuid(), kHost); }
    /// The sentence that refuses it; empty: it was loaded.
    std::string refusal(const std::string& name) {
        plugin::Loader fresh = loader();
        auto table = fresh.load(name);
        return table ? std::string() : table.error().text;
    }

    std::string path;
};

}  // namespace turnpike::testing
