// Git over HTTP as docs/hosting.md sets it up: Git's own CGI program, asked by Git itself.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "support/raw_client.h"
#include "support/server_process.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {

constexpr const char* kBackend = "/usr/lib/git-core/git-http-backend";

// The password is "secret".
constexpr const char* kUser = "ann:$2y$04$luldTj7rfx7d2W7v.VZTvOyXf2EMWy.pp24ODLxBFqaOCINqz98Ba\n";

/// The configuration under "## Git over HTTP".
std::string recipe() {
    std::stringstream page;
    page << std::ifstream(TURNPIKE_SOURCE "/docs/hosting.md").rdbuf();
    std::string text = page.str();
    text = text.substr(text.find("\n## Git over HTTP\n"));
    const std::string fence = "```toml\n";
    text = text.substr(text.find(fence) + fence.size());
    return text.substr(0, text.find("```"));
}

/// A site's own places instead of the page's.
void move(std::string& text, const std::string& from, const std::string& to) {
    size_t count = 0;
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()), ++count)
        text.replace(at, from.size(), to);
    ASSERT_GT(count, 0u) << "the page does not say " << from;
}

class GitSite : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!std::filesystem::exists(kBackend)) GTEST_SKIP() << "git is not installed";
        server.folder().write("home/.gitconfig", "[user]\nname = Ann\nemail = ann@example.org\n");
        git("init --quiet --bare --initial-branch=main FOLDER/git/project.git");
        for (const auto& file : std::filesystem::recursive_directory_iterator(server.path("git")))
            giveToWorkers(file.path());
        server.folder().write("users", kUser);
        ASSERT_EQ(::chmod(server.path("users").c_str(), 0600), 0);
        giveToWorkers(server.path("users"));
        configure();
        ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    }
    void configure() {
        std::string text = recipe();
        move(text, "hosts = [\"git.example.org\"]\n", "");
        move(text, "user = \"git\"\n", "");
        move(text, "/srv/git", "FOLDER/git");
        move(text, "/etc/turnpike/git-users", "FOLDER/users");
        // Written otherwise, since PORT in a config of Turnpike's stands for its port.
        move(text, "GIT_HTTP_EXPORT_ALL", "\"GIT_HTTP_EXP\\u004FRT_ALL\"");
        const std::string limits = "[limits]\n";
        const size_t site = text.find("[[site]]");
        ASSERT_TRUE(text.starts_with(limits));
        server.setup.limits = text.substr(limits.size(), site - limits.size());
        server.setup.sites = text.substr(site);
    }
    /// `git ARGUMENTS`, FOLDER and URL filled in: what it says when it ends as it should.
    std::string git(std::string arguments, int status = 0) const {
        for (const auto& [name, value] : {std::pair("FOLDER", server.folder().path()), std::pair("URL", url())})
            for (size_t at; (at = arguments.find(name)) != std::string::npos;)
                arguments.replace(at, std::string(name).size(), value);
        std::string output;
        const int result =
            runProgram("HOME=" + server.path("home") +
                           " GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 LC_ALL=C git " + arguments + " 2>&1",
                       &output);
        EXPECT_EQ(result, status) << arguments << ": " << output;
        return output;
    }
    std::string url(const std::string& credentials = "") const {
        return "http://" + credentials + "127.0.0.1:" + std::to_string(server.port()) + "/project.git";
    }
    /// A clone with one commit more, whose file holds `content`.
    void commit(const std::string& clone, const std::string& content) {
        server.folder().write(clone + "/file", content);
        git("-C FOLDER/" + clone + " add file");
        git("-C FOLDER/" + clone + " commit --quiet --message=change");
    }

    Turnpike server;
};

TEST_F(GitSite, TakesPushesOfWhomItKnowsAndGivesClonesToAll) {
    git("clone --quiet URL FOLDER/one");
    commit("one", "first\n");
    EXPECT_NE(git("-C FOLDER/one push origin main", 128).find("could not read Username"), std::string::npos);
    EXPECT_NE(git("-C FOLDER/one push " + url("ann:wrong@") + " main", 128).find("Authentication failed"),
              std::string::npos);
    git("-C FOLDER/one push --quiet " + url("ann:secret@") + " main");
    git("clone --quiet URL FOLDER/two");
    EXPECT_EQ(git("-C FOLDER/two rev-parse HEAD"), git("-C FOLDER/one rev-parse HEAD"));
}

TEST_F(GitSite, TakesAPackThatComesInChunks) {
    git("clone --quiet URL FOLDER/one");
    std::string large(3 << 20, '\0');  // past http.postBuffer, and nothing that a pack makes smaller
    std::ifstream("/dev/urandom", std::ios::binary).read(large.data(), static_cast<std::streamsize>(large.size()));
    commit("one", large);
    git("-C FOLDER/one push --quiet " + url("ann:secret@") + " main");
    commit("one", "small\n");
    git("-C FOLDER/one push --quiet " + url("ann:secret@") + " main");
    git("clone --quiet --depth=1 URL FOLDER/shallow");
    EXPECT_EQ(git("-C FOLDER/shallow rev-list --count HEAD"), "1\n");
    git("-C FOLDER/shallow fetch --quiet --unshallow");
    EXPECT_EQ(git("-C FOLDER/shallow rev-list --count HEAD"), "2\n");
    git("-C FOLDER/shallow fsck --full --strict");
}

TEST_F(GitSite, SpeaksTheVersionThatAClientAsksFor) {
    const std::string refs = "/project.git/info/refs?service=git-upload-pack";
    EXPECT_NE(get(server.port(), refs, "Git-Protocol: version=2\r\n").body.find("version 2"), std::string::npos);
    EXPECT_EQ(get(server.port(), refs).body.find("version 2"), std::string::npos);
}

}  // namespace
}  // namespace turnpike::e2e
