// A fake host with the static plugin in it and a folder of its own, for every test of the plugin.
#pragma once
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "sdk/fake_host.hpp"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace turnpike::static_files {

class StaticTest : public testing::Test {
 protected:
    using Request = fake::Request;

    // Sun, 06 Nov 1994 08:49:37 GMT
    static constexpr int64_t kOld = 784111777;

    StaticTest() {
        std::string name = (std::filesystem::temp_directory_path() / "turnpike-static-XXXXXX").string();
        root = mkdtemp(name.data());
        host.site.root = root;
    }
    ~StaticTest() override {
        host.stop();
        std::filesystem::remove_all(root);
    }

    /// A file that was written long ago, unless `modified` says when.
    void write(const std::string& path, const std::string& content, int64_t modified = kOld) {
        std::filesystem::create_directories(std::filesystem::path(root + path).parent_path());
        std::ofstream(root + path, std::ios::binary | std::ios::trunc) << content;
        const timespec times[2] = {{modified, 0}, {modified, 0}};
        ASSERT_EQ(utimensat(AT_FDCWD, (root + path).c_str(), times, 0), 0);
    }
    void load() { ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().at(0); }

    Request& send(Request& request) {
        EXPECT_TRUE(host.run(request)) << request.why();
        return request;
    }
    Request& get(const std::string& target, fake::Fields fields = {}) {
        Request& request = host.get(target);
        for (auto& [name, value] : fields) request.field(name, value);
        return send(request);
    }
    Request& request(const std::string& method, const std::string& target) {
        return send(host.request(method, target));
    }
    /// How many calls of tp_io `work` makes.
    template <class Work>
    uint64_t callsOf(Work work) {
        const uint64_t before = host.io.calls(TP_CLASS_FILE);
        work();
        return host.io.calls(TP_CLASS_FILE) - before;
    }

    std::string root;
    fake::Host host;
};

}  // namespace turnpike::static_files
