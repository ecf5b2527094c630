// The guestbook of the demo, as a visitor's browser meets it: over php-fpm and over php-cgi, with SQLite.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "php_site.h"
#include "support/server_process.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;
using ::testing::Not;

std::string between(const std::string& text, const std::string& before, const std::string& after) {
    size_t begin = text.find(before);
    if (begin == std::string::npos) return "";
    begin += before.size();
    return text.substr(begin, text.find(after, begin) - begin);
}

std::string formEncoded(const std::string& text) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string encoded;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0)
            encoded += c;
        else
            encoded.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
    return encoded;
}

std::string siteOf(const std::string& way) {
    if (way == "php-fpm") return phpFpmSite();
    if (way == "php") return embeddedSite();
    return phpSite(
        "plugin = \"cgi\"\ninterpreter = [\"/usr/bin/php-cgi\"]\nenv = { REDIRECT_STATUS = \"200\" }\nmemory = "
        "\"0\"");
}

class Guestbook : public ::testing::TestWithParam<const char*> {
 protected:
    void SetUp() override {
        std::string site = GetParam();
        if (site == "php-fpm" && !hasPhpFpm()) GTEST_SKIP() << "php-fpm is not installed (package php-fpm)";
        if (site == "php-cgi" && ::access("/usr/bin/php-cgi", X_OK) != 0)
            GTEST_SKIP() << "php-cgi is not installed (package php-cgi)";
        if (site == "php" && !hasEmbeddedPhp()) GTEST_SKIP() << "built without libphp (package libphp-embed)";
        std::string output;
        if (runProgram("php -m 2>/dev/null | grep -qx pdo_sqlite", &output) != 0)
            GTEST_SKIP() << "PHP has no SQLite (package php-sqlite3)";
        const std::string example = TURNPIKE_SOURCE "/examples/guestbook/";
        for (const char* part : {"public", "lib"})
            std::filesystem::copy(example + part, server.path(part), std::filesystem::copy_options::recursive);
        ::mkdir(server.path("data").c_str(), 0700);
        giveToWorkers(server.path("data"));
        server.setup.sites = siteOf(site);
        ASSERT_TRUE(server.start());
    }

    Answer page() { return get(server.port(), "/guestbook.php", cookieField()); }
    /// Opens the page as a new visitor does: the cookie and the form's token.
    void visit() {
        cookie.clear();
        Answer answer = page();
        ASSERT_EQ(answer.status, 200) << answer.head << answer.body;
        cookie = between(answer.field("set-cookie"), "", ";");
        token = between(answer.body, "name=\"token\" value=\"", "\"");
        ASSERT_EQ(token.size(), 64u) << answer.body;
    }
    std::string cookieField() const { return cookie.empty() ? "" : "Cookie: " + cookie + "\r\n"; }
    Answer post(const std::string& name, const std::string& message) {
        std::string body = "token=" + token + "&name=" + formEncoded(name) + "&message=" + formEncoded(message);
        return ask(server.port(),
                   "POST /guestbook.php HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                   "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
                       std::to_string(body.size()) + "\r\n" + cookieField() + "\r\n" + body);
    }

    Turnpike server;
    std::string cookie, token;
};

TEST_P(Guestbook, KeepsAPostOverARestartAndShowsItEscaped) {
    visit();
    Answer posted = post("Zo\xc3\xab <b>", "1 < 2 & \"quoted\"\n<script>alert(1)</script>");
    EXPECT_EQ(posted.status, 303) << posted.head << posted.body;
    EXPECT_EQ(posted.field("location"), "/guestbook.php");
    for (int round = 0; round < 2; ++round) {
        Answer answer = page();
        EXPECT_EQ(answer.status, 200);
        EXPECT_TRUE(answer.whole);
        EXPECT_THAT(answer.body, HasSubstr("<h2>1 line</h2>"));
        EXPECT_THAT(answer.body, HasSubstr("Zo\xc3\xab &lt;b&gt;"));
        EXPECT_THAT(answer.body,
                    HasSubstr("1 &lt; 2 &amp; &quot;quoted&quot;\n&lt;script&gt;alert(1)&lt;/script&gt;"));
        EXPECT_THAT(answer.body, Not(HasSubstr("<script")));
        if (round > 0) break;
        ASSERT_EQ(server.stop(), 0);
        ASSERT_TRUE(server.start());
    }
    // The form of before the restart is still good: its secret lies beside the posts.
    EXPECT_EQ(post("Adam", "again").status, 303);
    EXPECT_THAT(page().body, HasSubstr("<h2>2 lines</h2>"));
}

TEST_P(Guestbook, RefusesAFormThatIsNotItsOwn) {
    visit();
    std::string mine = token;
    visit();
    token = mine;  // of another visitor
    EXPECT_EQ(post("Eve", "forged").status, 403);
    cookie.clear();
    EXPECT_EQ(post("Eve", "without a cookie").status, 403);
    visit();
    token[0] = token[0] == 'a' ? 'b' : 'a';
    EXPECT_EQ(post("Eve", "altered").status, 403);
    EXPECT_THAT(page().body, HasSubstr("Nobody has written yet"));
}

TEST_P(Guestbook, SaysWhatIsWrongWithAPost) {
    visit();
    EXPECT_EQ(post("", "no name").status, 422);
    EXPECT_EQ(post("Adam", std::string(2001, 'x')).status, 422);
    for (int i = 0; i < 6; ++i) EXPECT_EQ(post("Adam", "line " + std::to_string(i)).status, 303);
    EXPECT_EQ(post("Adam", "one too many").status, 429);
    Answer answer =
        ask(server.port(), "DELETE /guestbook.php HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.field("allow"), "GET, HEAD, POST");
}

TEST_P(Guestbook, NeverShowsTheProgramItself) {
    std::string source = get(server.port(), "/lib/token.php").body + get(server.port(), "/../lib/token.php").body +
                         get(server.port(), "/guestbook.php~").body + get(server.port(), "/guestbook.php").body;
    EXPECT_THAT(source, Not(HasSubstr("<?php")));
    EXPECT_EQ(get(server.port(), "/missing.php").status, 404);
    server.folder().write("public/left.phtml", "<?php secret();");
    EXPECT_EQ(get(server.port(), "/left.phtml").status, 500) << "no plugin runs it, and it is no text";
    EXPECT_EQ(get(server.port(), "/style.css").status, 200);
}

INSTANTIATE_TEST_SUITE_P(Over, Guestbook, ::testing::Values("php-fpm", "php-cgi", "php"), [](const auto& test) {
    std::string name(test.param);
    std::erase(name, '-');
    return name;
});

TEST(Demo, HasAConfigThatIsValid) {
    if (!hasPhpFpm()) GTEST_SKIP() << "php-fpm is not installed (package php-fpm)";
    // Its paths lead into the release build: a copy of the tree's shape whose build is this one.
    TempFolder tree;
    std::filesystem::create_directories(tree.path() + "/build");
    std::filesystem::create_directory_symlink(TURNPIKE_BUILD, tree.path() + "/build/release");
    std::filesystem::create_directories(tree.path() + "/config");
    std::filesystem::copy(TURNPIKE_SOURCE "/config/demo.toml", tree.path() + "/config/demo.toml");
    std::string output;
    int status = runProgram(TURNPIKE_PROGRAM " check -c " + tree.path() + "/config/demo.toml 2>&1", &output);
    EXPECT_EQ(status, 0) << output;
    EXPECT_THAT(output, HasSubstr("ok: 1 site, 5 routes"));
}

}  // namespace
}  // namespace turnpike::e2e
