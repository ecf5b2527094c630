// Rules in the real server: what leaves, what a program sees, and who guards the new path.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <string>

#include "support/raw_client.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace turnpike {
namespace {

std::string rule(const std::string& keys) { return "[[site.hook]]\nplugin = \"rewrite\"\n" + keys + "\n"; }

class RewriteServer : public testing::Test {
 protected:
    RewriteServer() {
        ::chmod(place.path().c_str(), 0755);  // the workers of a server started as root are somebody else
        place.write("site/page.html", "page\n");
        place.write("site/secret/page.html", "secret\n");
        place.write("site/cgi-bin/env",
                    "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s|%s|%s|%s|' \"$REQUEST_METHOD\" "
                    "\"$REQUEST_URI\" \"$SCRIPT_NAME\" \"$QUERY_STRING\"\ncat\n");
        ::chmod((place.path() + "/site/cgi-bin/env").c_str(), 0755);
    }
    /// `last`: what the last route has beside its plugin, `static`.
    void start(const std::string& hooks, const std::string& last = "") {
        server = std::make_unique<ServerProcess>("[[site]]\nhosts = [\"*\"]\nroot = \"" + place.path() +
                                                 "/site\"\n" + hooks +
                                                 "[[site.route]]\nprefix = \"/cgi-bin/\"\nplugin = \"cgi\"\n"
                                                 "[[site.route]]\nplugin = \"static\"\n" +
                                                 last);
    }

    TempFolder place;
    std::unique_ptr<ServerProcess> server;
};

TEST_F(RewriteServer, Redirects) {
    start(rule("path = '^/old/(.*)$'\nredirect = \"https://example.org/new/$1\"\nstatus = 308"));
    const Answer answer = get(server->port(), "/old/%C3%A9/x?y=1");
    EXPECT_EQ(answer.status, 308);
    EXPECT_EQ(answer.field("location"), "https://example.org/new/%C3%A9/x?y=1");
    EXPECT_TRUE(answer.whole);
    EXPECT_EQ(get(server->port(), "/page.html").body, "page\n");
}

TEST_F(RewriteServer, RewritesForAProgramThatSeesWhatTheClientAskedFor) {
    start(rule("path = '^/api/(.*)$'\nrewrite = \"/cgi-bin/env?call=$1&$query\""));
    const Answer answer = ask(server->port(),
                              "POST /api/a%26b?x=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
                              "Connection: close\r\n\r\nbody");
    EXPECT_EQ(answer.body, "POST|/api/a%26b?x=1|/cgi-bin/env|call=a%26b&x=1|body");
}

// Guards are asked for the path that the request ends at, wherever they stand in the file.
TEST_F(RewriteServer, LeadsAroundNoGuard) {
    start("[[site.hook]]\nplugin = \"access\"\npaths = [\"/secret\"]\ndeny = [\"all\"]\n" +
          rule("path = '^/open/(.*)$'\nrewrite = \"/secret/$1\""));
    EXPECT_EQ(get(server->port(), "/secret/page.html").status, 403);
    EXPECT_EQ(get(server->port(), "/open/page.html").status, 403);
}

// What `try` finds is no way around a rule for its name, nor around a guard of its folder.
TEST_F(RewriteServer, LeadsAroundNoGuardByTry) {
    place.write("site/notes-x.html", "notes\n");
    place.write("site/moved.html", "moved\n");
    start("[[site.hook]]\nplugin = \"access\"\npaths = [\"/secret\"]\ndeny = [\"all\"]\n" +
              rule("path = '-x\\.html$'\nrefuse = 403") + rule("path = '^/(.*)\\.html$'\nredirect = \"/$1\"") +
              rule("path = '^/moved\\.html$'\nrewrite = \"/cgi-bin/env\""),
          "try = [\"$path.html\", \"/secret$path.html\", \"//secret//$path.txt\", \"=404\"]\n");
    place.write("site/secret/deep.html", "secret\n");
    place.write("site/secret/other.txt", "secret\n");
    EXPECT_EQ(get(server->port(), "/page").body, "page\n");
    EXPECT_EQ(get(server->port(), "/page.html").field("location"), "/page") << "which is for who asks for it";
    EXPECT_EQ(get(server->port(), "/notes-x").status, 403);
    EXPECT_EQ(get(server->port(), "/deep").status, 403);
    EXPECT_EQ(get(server->port(), "/other").status, 403);
    EXPECT_EQ(get(server->port(), "/moved").body, "GET|/moved|/cgi-bin/env||");
}

TEST_F(RewriteServer, AsksRulesForTheNameOfAFoldersPage) {
    place.write("site/open/index.html", "open\n");
    place.write("site/shut/index.html", "shut\n");
    start(rule("path = '^/shut/index'\nrefuse = 403") + rule("path = 'index\\.html$'\nredirect = \"/\""));
    EXPECT_EQ(get(server->port(), "/open/").body, "open\n");
    EXPECT_EQ(get(server->port(), "/open/").body, "open\n") << "from memory, too";
    EXPECT_EQ(get(server->port(), "/shut/").status, 403);
    EXPECT_EQ(get(server->port(), "/open/index.html").status, 302);
}

TEST_F(RewriteServer, AppliesRulesOneAfterTheOther) {
    start(rule("path = '^/a$'\nrewrite = \"/b\"") + rule("path = '^/b$'\nrewrite = \"/page.html\"") +
          rule("path = '^/round'\nrewrite = \"$path/x\""));
    EXPECT_EQ(get(server->port(), "/a").body, "page\n");
    EXPECT_EQ(get(server->port(), "/round").status, 500);
    EXPECT_TRUE(server->waitForLog("rules lead round in a circle: the rule path ^/round"));
}

TEST_F(RewriteServer, GivesUpAPatternThatTriesTooMuch) {
    start(rule("path = '^/(a|aa|a?)+$'\nrefuse = 403"));
    EXPECT_EQ(get(server->port(), "/" + std::string(3000, 'a') + "b").status, 500);
    EXPECT_TRUE(server->waitForLog("match limit 10000"));
    EXPECT_EQ(get(server->port(), "/page.html").status, 200);
}

TEST_F(RewriteServer, SaysInTheConfigWhatIsWrong) {
    start("");
    server->writeConfig("[[site]]\nroot = \"" + place.path() + "/site\"\n" +
                        rule("path = '^/(x'\nredirect = \"/y\"") + "[[site.route]]\nplugin = \"static\"\n");
    std::string output;
    EXPECT_NE(server->run("check", &output), 0);
    EXPECT_NE(output.find("missing closing parenthesis"), std::string::npos) << output;
    EXPECT_NE(output.find("turnpike.toml:"), std::string::npos) << output;
}

}  // namespace
}  // namespace turnpike
