// That no file can keep a worker busy: what all its patterns may cost for one request, and what they may build.
#include "htaccess_fixture.h"

namespace turnpike::rewrite {
namespace {

std::string times(int count, const std::string& line) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += line + "\n";
    return lines;
}

class HtaccessEffort : public HtaccessTest {
 protected:
    void expectSpent(const std::string& target, const std::string& where) {
        fake::Request& request = get(target);
        EXPECT_EQ(request.status(), 500u) << where;
        EXPECT_NE(request.cause().find(where), std::string::npos) << request.cause();
        EXPECT_NE(request.cause().find("comes after all that the files may try for one request"),
                  std::string::npos)
            << request.cause();
    }
};

TEST_F(HtaccessEffort, EndsWithManyPatternsThatEachStayBelowTheirLimit) {
    load("RewriteEngine On\n" + times(900, "RewriteRule (?:a|ab|b)*[cd]$ -"));
    expectSpent("/abababababababab", folder.path() + "/.htaccess:176: RewriteRule ");
    EXPECT_EQ(status("/x"), 200u) << "each request has its own";
    EXPECT_EQ(status("/x"), 200u);
}

TEST_F(HtaccessEffort, EndsWithRulesThatBeginAgain) {
    load("RewriteEngine On\n" + times(900, "RewriteRule ^zzz$ -") + "RewriteRule ^again again [N]\n");
    expectSpent("/again", "/.htaccess:");
    EXPECT_EQ(status("/zzz"), 200u);
}

TEST_F(HtaccessEffort, IsThatOfTheWholeRequestWithAllItsPaths) {
    load("RewriteEngine On\n" + times(900, "RewriteRule zz[yz] -") + "RewriteRule ^(x.*)$ x$1\n");
    expectSpent("/x" + std::string(100, '.'), "/.htaccess:");
}

TEST_F(HtaccessEffort, CountsLooksAtTheDisk) {
    load("RewriteEngine On\n" + times(999, "RewriteCond %{REQUEST_FILENAME} !-f") + "RewriteRule ^ -\n");
    EXPECT_EQ(status("/x"), 200u);
    folder.write(".htaccess", "RewriteEngine On\n" + times(990, "RewriteCond %{REQUEST_FILENAME} !-f") +
                                  "RewriteRule ^x$ /y\nRewriteRule ^y$ /z\n");
    host.folders.change(folder.path(), ".htaccess");
    EXPECT_EQ(rewritten("/x"), "/z");
    folder.write(".htaccess", "RewriteEngine On\n" + times(990, "RewriteCond %{REQUEST_FILENAME} !-f") +
                                  "RewriteRule ^(x.*)$ /x$1\n");
    host.folders.change(folder.path(), ".htaccess");
    expectSpent("/x", "/.htaccess:992: RewriteRule");
}

TEST_F(HtaccessEffort, LetsNoTextGrowWithoutEnd) {
    load("RewriteEngine On\nRewriteRule ^(a.*)$ $1$1 [N]\nRewriteRule ^q$ q?%{QUERY_STRING}%{QUERY_STRING} [N]\n");
    for (const char* target : {"/abc", "/q?abc"}) {
        fake::Request& request = get(target);
        EXPECT_EQ(request.status(), 500u) << target;
        EXPECT_NE(request.cause().find("RewriteRule makes a target of more than 64 KiB"), std::string::npos)
            << request.cause();
    }
    folder.write("env/.htaccess", "RewriteEngine On\n" + times(200, "RewriteRule ^ - [E=A:%{ENV:A}%{ENV:A}x]"));
    expectSpent("/env/x", "/env/.htaccess:");
    folder.write("set/.htaccess", "SetEnvIf Request_URI . A=x\n" + times(200, "SetEnvIf A ^(.*)$ A=$1$1"));
    expectSpent("/set/x", "/set/.htaccess:");
    EXPECT_TRUE(get("/set/x").cause().find("SetEnvIf") != std::string::npos);
}

TEST_F(HtaccessEffort, NamesTheLineOfAPatternThatTriesTooMuch) {
    const std::string text = std::string(3000, 'a') + "b";
    const std::string hostile = "\"^(a|aa|a?)+$\"";
    folder.write("files/.htaccess", "\n<FilesMatch " + hostile + ">\nRequire all granted\n</FilesMatch>\n");
    folder.write("env/.htaccess", "SetEnvIf X-A " + hostile + " A\nDeny from env=A\n");
    folder.write("match/.htaccess", "RedirectMatch ^/match/(a|aa|a?)+$ /y\n");
    load("");
    const std::string why = " tries too much (match limit 10000)";
    EXPECT_EQ(get("/files/" + text).cause(), folder.path() + "/files/.htaccess:2: <Files" + why);
    EXPECT_EQ(get("/match/" + text).cause(), folder.path() + "/match/.htaccess:1: RedirectMatch" + why);
    fake::Request& request = send(host.get("/env/x").field("X-A", text));
    EXPECT_EQ(request.status(), 500u) << "who is kept out by a variable does not get in by it";
    EXPECT_EQ(request.cause(), folder.path() + "/env/.htaccess:1: SetEnvIf" + why);
}

TEST_F(HtaccessEffort, LeavesAFieldAsItIsAndSaysSo) {
    load("Header edit X-A ^(a|aa|a?)+$ b\n");
    const std::string text = std::string(3000, 'a') + "b";
    fake::Request& request = host.get("/x").content(200, {{"X-A", text}}, "x");
    ASSERT_TRUE(host.run(request));
    EXPECT_EQ(request.field("x-a"), text);
    EXPECT_TRUE(host.logged("/.htaccess:1: Header X-A was left out: it tries too much"));
}

}  // namespace
}  // namespace turnpike::rewrite
