// Clients that ask for much and take nothing: what the workers hold for them stays small.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "http2.h"

namespace turnpike::wire {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

constexpr const char* kRoutes = R"(
[[site.route]]
exact = "/endless"
plugin = "cgi"
program = "ROOT/endless"
children = 16
)";

class WireHttp2Memory : public testing::Test {
 protected:
    WireHttp2Memory() : site_("write = \"60s\"", kRoutes) {
        site_.root().write("endless", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nexec yes\n");
        ::chmod((site_.root().path() + "/endless").c_str(), 0755);
        site_.root().write("large", "");
        std::filesystem::resize_file(site_.root().path() + "/large", 64u << 20);
    }
    void SetUp() override {
        if (kIsSanitized) GTEST_SKIP() << "a sanitizer's own memory would be counted";
        if (held() == 0) GTEST_SKIP() << "the workers' memory cannot be looked at";
    }
    /// Kilobytes that belong to one process of the server alone.
    uint64_t held() {
        uint64_t all = 0;
        const std::string pid = std::to_string(site_.server().pid());
        std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
        for (std::string child; children >> child;) {
            std::ifstream map("/proc/" + child + "/smaps_rollup");
            for (std::string line; std::getline(map, line);) {
                std::istringstream words(line);
                std::string name;
                uint64_t kib = 0;
                if (line.starts_with("Private_") && words >> name >> kib) all += kib;
            }
        }
        return all;
    }
    /// Asks for `count` answers and takes their heads alone.
    static void expectAnswered(H2& client, const std::string& path, int count) {
        const int before = client.count(H2::kHeaders);
        for (int i = 0; i < count; ++i) client.get(path);
        EXPECT_TRUE(client.waitFor(H2::kHeaders, before + count)) << path << ": " << client.count(H2::kHeaders);
        for (int i = 0; i < 5; ++i) client.read(100);  // for what fills buffers behind the heads
    }
    Site site_;
};

// RFC 9113 section 10.5: 4 MiB for a connection, also where who answers would never end. Connections stay open, so
// that no memory is used twice.
TEST_F(WireHttp2Memory, IsBoundedWhereClientsTakeNothing) {
    const struct {
        const char* path;
        int answered;
    } cases[] = {{"/hello", 99}, {"/large", 99}, {"/1m", 99}, {"/pieces", 99}, {"/endless", 15}};
    std::vector<std::unique_ptr<H2>> clients;
    for (const auto& [path, answered] : cases) {
        clients.push_back(std::make_unique<H2>(site_.port(), H2::setting(4, 0)));
        H2& client = *clients.back();
        expectAnswered(client, path, 1);
        const uint64_t before = held();
        expectAnswered(client, path, answered);
        const uint64_t after = held(), grown = after > before ? after - before : 0;
        RecordProperty(path + 1, static_cast<int>(grown));
        EXPECT_LE(grown, 4096u) << path;
    }
}

}  // namespace
}  // namespace turnpike::wire
