// What one rule does, and when.
#include "fixture.h"

namespace turnpike::rewrite {
namespace {

TEST_F(RewriteTest, RedirectsWithTheGroupsOfThePath) {
    host.set("path", "^/old/(.*)$").set("redirect", "https://example.org/new/$1").set("status", "301");
    load();
    fake::Request& request = get("/old/a%20b/c?x=1&y");
    EXPECT_EQ(request.status(), 301u);
    EXPECT_EQ(request.field("location"), "https://example.org/new/a%20b/c?x=1&y");
    EXPECT_EQ(request.text(), "");
    EXPECT_TRUE(get("/other").declined());
}

TEST(Rewrite, RedirectsWithEachStatus) {
    for (const char* status : {"301", "302", "303", "307", "308"}) {
        fake::Host own;
        own.set("path", "^/x").set("redirect", "/y").set("status", status);
        ASSERT_TRUE(own.load(tp_plugin_entry));
        fake::Request& request = own.request("POST", "/x").body("kept");
        ASSERT_TRUE(own.run(request));
        EXPECT_EQ(std::to_string(request.status()), status);
    }
}

TEST_F(RewriteTest, RewritesInsideTheSiteAndKeepsMethodBodyAndQuery) {
    host.set("path", "^/blog/(\\d+)$").set("rewrite", "/index.php?id=$1&$query");
    load();
    fake::Request& request = send(host.request("POST", "/blog/7?a=b").body("text"));
    EXPECT_EQ(request.redirects(), std::vector<std::string>{"/index.php?id=7&a=b"});
    EXPECT_TRUE(request.rewritten());
    EXPECT_EQ(request.status(), 200u);
    EXPECT_EQ(rewritten("/blog/x"), "");
}

TEST_F(RewriteTest, KeepsTheQueryUnlessTheRuleSaysOne) {
    host.set("path", "^/a$").set("rewrite", "/b");
    load();
    EXPECT_EQ(rewritten("/a?x=1"), "/b?x=1");
    EXPECT_EQ(rewritten("/a"), "/b");
}

TEST_F(RewriteTest, LeavesAloneWhatIsThereAlready) {
    host.set("path", "^/(.*)$").set("rewrite", "/$1");
    load();
    EXPECT_TRUE(get("/a%20b?x").declined());
}

TEST_F(RewriteTest, EndsACircle) {
    host.set("path", "^/(.*)$").set("rewrite", "/x$1");
    load();
    fake::Request& request = get("/");
    EXPECT_EQ(request.status(), 500u);
    EXPECT_EQ(request.cause(), "rules lead round in a circle: the rule path ^/(.*)$");
    EXPECT_EQ(request.redirects().size(), 10u);
}

TEST_F(RewriteTest, Refuses) {
    host.set("path", "\\.php$").set("refuse", "404");
    load();
    EXPECT_EQ(get("/uploads/x.php").status(), 404u);
    EXPECT_EQ(get("/uploads/x.png").status(), 200u);
}

TEST_F(RewriteTest, AnswersWith500WhereAPatternTriesTooMuch) {
    host.set("path", "^/(a|aa|a?)+$").set("redirect", "/y");
    load();
    fake::Request& request = get("/" + std::string(3000, 'a') + "b");
    EXPECT_EQ(request.status(), 500u);
    EXPECT_NE(request.cause().find("match limit 10000"), std::string::npos) << request.cause();
}

TEST_F(RewriteTest, IsForAllConditionsTogether) {
    host.set("path", "^/x").set("host", "^www\\.").set("query", "^a=").setList("methods", {"GET", "HEAD"});
    host.set("scheme", "http").setList("remote", {"10.0.0.0/8"}).setMap("headers", {{"User-Agent", "Bot"}});
    host.setMap("cookies", {{"s", "^1$"}}).set("redirect", "/y?");
    load();
    auto whole = [&](const char* method = "GET") -> fake::Request& {
        return host.request(method, "/x?a=1")
            .host("www.example.org")
            .remote("10.1.2.3", 1)
            .field("user-agent", "a Bot");
    };
    EXPECT_EQ(send(whole().field("Cookie", "t=2; s=1")).status(), 302u);
    EXPECT_EQ(send(whole("POST").field("Cookie", "s=1")).status(), 200u);
    EXPECT_EQ(send(whole().field("Cookie", "s=11; ss=1")).status(), 200u);
    EXPECT_EQ(send(whole()).status(), 200u);
    EXPECT_EQ(send(whole().field("Cookie", "s=1").remote("192.0.2.1", 1)).status(), 200u);
    EXPECT_EQ(send(whole().field("Cookie", "s=1").host("example.org")).status(), 200u);
    EXPECT_EQ(send(whole().field("Cookie", "s=1").secure()).status(), 200u);
}

TEST_F(RewriteTest, TakesABangForTheOpposite) {
    host.set("path", "!^/in").set("host", "!^example\\.org$").set("redirect", "https://example.org$path");
    load();
    EXPECT_EQ(send(host.get("/a").host("example.net")).field("location"), "https://example.org/a");
    EXPECT_EQ(send(host.get("/in").host("example.net")).status(), 200u);
    EXPECT_EQ(send(host.get("/a").host("example.org")).status(), 200u);
}

TEST_F(RewriteTest, LooksForFiles) {
    folder.write("there.html", "x");
    folder.write("dir/x", "x");
    host.set("path", "^(.*)$").setList("exists", {"$1.html"}).setList("missing", {"$path", "$path/"});
    host.set("rewrite", "$1.html");
    load();
    EXPECT_EQ(rewritten("/there"), "/there.html");
    EXPECT_EQ(rewritten("/there.html"), "");
    EXPECT_EQ(rewritten("/dir"), "");
    EXPECT_EQ(rewritten("/gone"), "");
    EXPECT_EQ(rewritten("/../there"), "");
}

TEST_F(RewriteTest, LooksUpATable) {
    host.setMap("map", {{"/old", "/new?a=1"}, {"/far", "https://example.net/x"}}).set("redirect", "$map");
    load();
    EXPECT_EQ(location("/old"), "/new?a=1");
    EXPECT_EQ(location("/far?q"), "https://example.net/x?q");
    EXPECT_EQ(location("/none"), "");
}

TEST_F(RewriteTest, LooksUpAFileByAKeyOfItsOwn) {
    folder.write("shops", "de\t/laden\nfr /boutique\n");
    host.set("path", "^/shop/(..)/(.*)$").set("map_file", folder.path() + "/shops").set("map_key", "$1");
    host.set("rewrite", "$map/$2");
    load();
    EXPECT_EQ(rewritten("/shop/de/1"), "/laden/1");
    EXPECT_EQ(rewritten("/shop/it/1"), "");
}

TEST_F(RewriteTest, PutsNamedGroupsIn) {
    host.set("host", "^(?<shop>[a-z]+)\\.example\\.org$").setMap("cookies", {{"lang", "^(?<lang>..)"}});
    host.set("redirect", "https://example.org/${shop}/$lang");
    load();
    EXPECT_EQ(send(host.get("/").host("toys.example.org").field("Cookie", "lang=d/x")).field("location"),
              "https://example.org/toys/d/");
}

// What a client sends is escaped for the place where it ends up.
TEST_F(RewriteTest, LetsNobodyChooseWhereOthersAreSent) {
    host.set("path", "^/go/?(.*)$").set("redirect", "/$1");
    load();
    EXPECT_EQ(location("/go//evil.example/"), "/evil.example/");
    EXPECT_EQ(location("/go/%5cevil.example"), "/%5Cevil.example");
    EXPECT_EQ(location("/go/a%0d%0aSet-Cookie:x"), "/a%0D%0ASet-Cookie%3Ax");
    EXPECT_EQ(location("/go/a%3fb%23c"), "/a%3Fb%23c");
}

TEST_F(RewriteTest, EscapesInTheHostAndInTheQuery) {
    host.set("path", "^/([^/]*)/(.*)$").set("redirect", "https://$1.example.org/?to=$2");
    load();
    EXPECT_EQ(location("/evil.example%23/a&b=/c"), "https://evil.example%23.example.org/?to=a%26b%3D%2Fc");
}

TEST_F(RewriteTest, EndsAHostWhereAPathBegins) {
    host.set("path", "^/x(.*)$").set("redirect", "https://example.org$1");
    load();
    EXPECT_EQ(location("/x/a"), "https://example.org/a");
    EXPECT_EQ(location("/x.evil.example/a"), "https://example.org.evil.example%2Fa");
}

TEST_F(RewriteTest, LeavesNoHostToTheClient) {
    host.set("path", "^/(.*)$").set("redirect", "$1");
    load();
    EXPECT_EQ(location("/javascript:alert(1)"), "javascript%3Aalert%281%29");
    EXPECT_EQ(location("/http://evil.example"), "http%3A//evil.example");
}

}  // namespace
}  // namespace turnpike::rewrite
