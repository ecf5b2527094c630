// Configurations that the documents show: what an administrator copies passes `turnpike check`.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "support/certificates.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace turnpike {
namespace {

std::vector<std::string> tomlOf(const std::string& document) {
    std::ifstream file(TURNPIKE_SOURCE "/docs/" + document);
    std::vector<std::string> blocks;
    bool is_inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line == "```toml") blocks.emplace_back();
        if (is_inside && line != "```") blocks.back() += line + "\n";
        is_inside = line == "```toml" || (is_inside && line != "```");
    }
    return blocks;
}

bool hasEmbeddedPhp() { return std::filesystem::exists(TURNPIKE_BUILD "/plugins/turnpike-php"); }

class Examples : public ::testing::Test {
 protected:
    void SetUp() override {
        const MadeCertificate made = makeCertificate({.name = "example.org"});
        folder.write("tls/example.pem", made.certificate);
        folder.write("tls/example.key", made.key);
        ::chmod((folder.path() + "/tls/example.key").c_str(), 0600);
        folder.write("www/index.html", "x");
        for (const char* part : {"log", "run"}) std::filesystem::create_directory(folder.path() + "/" + part);
    }
    /// What the example says of this machine is somewhere else in a test.
    std::string moved(std::string text) const {
        const std::pair<std::string, std::string> places[] = {
            {"/etc/turnpike/tls", folder.path() + "/tls"},
            {"/srv/www/example", folder.path() + "/www"},
            {"/srv/example", folder.path() + "/www"},
            {"/srv/blog", folder.path() + "/www"},
            {"/srv/private", folder.path() + "/www"},
            {"/usr/share/cgit", folder.path() + "/www"},
            {"/var/log/turnpike", folder.path() + "/log"},
            {"/run/turnpike", folder.path() + "/run"},
            {"\"TOKEN\"", "\"0123456789abcdef0123456789abcdef\""},
            {"user = \"example\"\n", ""},
            {"user = \"git\"\n", ""}};
        for (const auto& [from, to] : places)
            for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
                text.replace(at, from.size(), to);
        return text;
    }
    void expectPasses(const std::string& text) {
        folder.write("turnpike.toml", moved(text));
        std::string said;
        EXPECT_EQ(runProgram(TURNPIKE_PROGRAM " check -c " + folder.path() + "/turnpike.toml 2>&1", &said), 0)
            << said << moved(text);
    }
    TempFolder folder;
};

/// `text` with `more` behind the line that begins with `anchor`.
std::string with(std::string text, const std::string& anchor, const std::string& more) {
    const size_t at = text.find(anchor);
    EXPECT_NE(at, std::string::npos) << anchor << " in " << text;
    return text.insert(text.find('\n', at) + 1, more);
}
std::string without(std::string text, const std::string& anchor) {
    const size_t at = text.find(anchor);
    EXPECT_NE(at, std::string::npos) << anchor << " in " << text;
    return text.erase(at, text.find('\n', at) + 1 - at);
}

/// From an empty machine to a TLS site with a page cache, step by step as the chapter has it.
TEST_F(Examples, OfHostingPassEachStep) {
    if (!hasEmbeddedPhp()) GTEST_SKIP() << "built without libphp (package libphp-embed)";
    const auto blocks = tomlOf("hosting.md");
    ASSERT_EQ(blocks.size(), 10u);
    std::string site = blocks[0];
    expectPasses(site);
    site = without(with(site, "listen = ", blocks[1]), "listen = ");
    site = with(site, "preset = ", blocks[2]);
    expectPasses(site);
    site = with(site, "[server]", blocks[3]) + blocks[4];
    site = with(site, "ini = ", blocks[5]);
    expectPasses(site);
    expectPasses(blocks[6]);  // of a site from Apache
    expectPasses(blocks[8]);  // cgit; git itself has git_test
    expectPasses(blocks[9]);  // behind another server
}

TEST_F(Examples, OfTheConfigurationPass) {
    const auto blocks = tomlOf("configuration.md");
    ASSERT_EQ(blocks.size(), 4u);
    expectPasses(blocks[0]);
    expectPasses(blocks[2] + blocks[3]);
}

TEST_F(Examples, OfOperationPass) {
    const auto blocks = tomlOf("operating.md");
    ASSERT_EQ(blocks.size(), 3u);
    const std::string route = "[[site.route]]\nplugin = \"static\"\n";
    expectPasses(with(blocks[0], "hosts = ", "root = \"/srv/example\"\n") + route);
    expectPasses(blocks[1] + "[[site]]\nroot = \"/srv/example\"\n" + route);
    expectPasses(with(blocks[2], "[[site]]", "root = \"/srv/example\"\n") + route);
}

}  // namespace
}  // namespace turnpike
