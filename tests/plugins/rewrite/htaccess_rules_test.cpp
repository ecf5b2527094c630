// RewriteRule and its like, asked as requests come.
#include <filesystem>

#include "htaccess_fixture.h"

namespace turnpike::rewrite {
namespace {

TEST_F(HtaccessTest, RewritesBelowTheFolderOfTheFile) {
    folder.write("sub/.htaccess", "RewriteEngine On\nRewriteRule ^item/(\\d+)$ show.php?id=$1 [QSA,L]\n");
    load("");
    EXPECT_EQ(rewritten("/sub/item/7?a=b"), "/sub/show.php?id=7&a=b");
    EXPECT_EQ(rewritten("/item/7"), "");
}

TEST_F(HtaccessTest, AsksConditionsWithAndAndOr) {
    load(
        "RewriteEngine On\n"
        "RewriteCond %{HTTP_HOST} ^a\\. [OR]\nRewriteCond %{HTTP_HOST} ^B\\. [NC]\nRewriteCond %{QUERY_STRING} "
        "!x\n"
        "RewriteRule ^p$ /q\n");
    EXPECT_FALSE(send(host.get("/p").host("a.org")).redirects().empty());
    EXPECT_FALSE(send(host.get("/p").host("b.org")).redirects().empty());
    EXPECT_TRUE(send(host.get("/p").host("c.org")).redirects().empty());
    EXPECT_TRUE(send(host.get("/p?x").host("a.org")).redirects().empty());
}

TEST_F(HtaccessTest, RedirectsWithGroupsOfConditions) {
    load(
        "RewriteEngine On\nRewriteCond %{HTTP_HOST} ^www\\.(.+)$ [NC]\nRewriteRule ^ https://%1%{REQUEST_URI} "
        "[R=301,L]\n");
    fake::Request& request = send(host.get("/a%20b?c=d").host("www.example.org"));
    EXPECT_EQ(request.status(), 301u);
    EXPECT_EQ(request.field("location"), "https://example.org/a%20b?c=d");
}

TEST_F(HtaccessTest, LooksForFilesAndFolders) {
    folder.write("there.txt", "x");
    folder.write("dir/x", "");
    folder.write("index.php", "x");
    load(
        "RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteCond %{REQUEST_FILENAME} !-d\n"
        "RewriteRule . /index.php [L]\n");
    EXPECT_EQ(rewritten("/there.txt"), "");
    EXPECT_EQ(rewritten("/dir/"), "");
    EXPECT_EQ(rewritten("/dir"), "");
    EXPECT_EQ(rewritten("/"), "");
    EXPECT_EQ(rewritten("/gone/x"), "/index.php");
    EXPECT_EQ(rewritten("/dir/gone"), "/index.php");
    EXPECT_EQ(rewritten("/index.php/info"), "") << "what follows a file is path info";
}

TEST_F(HtaccessTest, EndsAtLastSkipsAndChains) {
    load(
        "RewriteEngine On\n"
        "RewriteRule ^skip$ - [S=1]\nRewriteRule ^skip$ /wrong [L]\nRewriteRule ^skip$ /right [L]\n"
        "RewriteRule ^a$ /wrong [C]\nRewriteRule ^never$ /wrong2 [L]\n"
        "RewriteRule ^chain$ b [C]\nRewriteRule ^b$ c\nRewriteRule ^c$ d [END]\n");
    EXPECT_EQ(rewritten("/skip"), "/right");
    EXPECT_EQ(rewritten("/chain"), "/d");
}

TEST_F(HtaccessTest, RefusesWithFAndG) {
    load("RewriteEngine On\nRewriteRule ^f - [F]\nRewriteRule ^g - [G]\nRewriteRule ^n - [R=404]\n");
    EXPECT_EQ(status("/f"), 403u);
    EXPECT_EQ(status("/g"), 410u);
    EXPECT_EQ(status("/n"), 404u);
    EXPECT_EQ(status("/x"), 200u);
}

TEST_F(HtaccessTest, HasTheFlagsForQueries) {
    load(
        "RewriteEngine On\nRewriteRule ^keep$ /t\nRewriteRule ^drop$ /t [QSD]\nRewriteRule ^new$ /t?n=1\n"
        "RewriteRule ^both$ /t?n=1 [QSA]\nRewriteRule ^none$ /t?\nRewriteRule ^esc/(.*)$ /t?v=$1 [B]\n"
        "RewriteRule ^raw/(.*)$ /t?v=$1\n");
    EXPECT_EQ(rewritten("/keep?a"), "/t?a");
    EXPECT_EQ(rewritten("/drop?a"), "/t");
    EXPECT_EQ(rewritten("/new?a"), "/t?n=1");
    EXPECT_EQ(rewritten("/both?a"), "/t?n=1&a");
    EXPECT_EQ(rewritten("/none?a"), "/t");
    EXPECT_EQ(rewritten("/esc/a%26b%20c"), "/t?v=a%26b%20c");
    EXPECT_EQ(rewritten("/raw/a%26b%20c%25"), "/t?v=a&b%20c%25");
}

TEST_F(HtaccessTest, KeepsWhatAClientSentInThePath) {
    load(
        "RewriteEngine On\nRewriteRule ^in/(.*)$ /out/$1\nRewriteRule ^away/(.*)$ /x/$1 [R]\n"
        "RewriteRule ^ne$ /x#top [R,NE]\n");
    EXPECT_EQ(rewritten("/in/a%3fb=1"), "/out/a%3Fb%3D1") << "no question mark of the client's begins a query";
    EXPECT_EQ(location("/away/a%3fb%0d%0aX:1"), "/x/a%3Fb%0D%0AX:1");
    EXPECT_EQ(location("/away//evil.example"), "/x//evil.example");
    EXPECT_EQ(location("/ne"), "/x#top");
}

TEST_F(HtaccessTest, LeadsNobodyToAHostOfTheClientsChoice) {
    load("RewriteEngine On\nRewriteRule ^go(.*)$ /$1 [R]\n");
    EXPECT_EQ(location("/go//evil.example/"), "/evil.example/");
}

TEST_F(HtaccessTest, TakesTheDeepestFoldersRulesUnlessTheyInherit) {
    folder.write("own/.htaccess", "RewriteEngine On\nRewriteRule ^a$ /own-a\n");
    folder.write("off/.htaccess", "RewriteEngine Off\n");
    folder.write("heir/.htaccess", "RewriteEngine On\nRewriteOptions inherit\nRewriteRule ^a$ /heir-a [L]\n");
    folder.write("other/.htaccess", "Options -Indexes\n");
    load("RewriteEngine On\nRewriteRule b$ /root-b\n");
    EXPECT_EQ(rewritten("/own/a"), "/own-a");
    EXPECT_EQ(rewritten("/own/b"), "");
    EXPECT_EQ(rewritten("/off/b"), "");
    EXPECT_EQ(rewritten("/heir/b"), "/root-b");
    EXPECT_EQ(rewritten("/other/b"), "/root-b");
}

TEST_F(HtaccessTest, AsksNoRulesAgainForTheSamePath) {
    load(
        "RewriteEngine On\nRewriteRule ^index\\.php$ index.php?lang=de [QSA,E=LANG:de,L]\nRewriteRule ^go$ "
        "/index.php\n");
    fake::Request& request = get("/index.php?a");
    EXPECT_EQ(request.redirects(), std::vector<std::string>{"/index.php?lang=de&a"});
    EXPECT_EQ(request.status(), 200u);
    EXPECT_EQ(variable(request, "LANG"), "de");
    EXPECT_EQ(rewritten("/go"), "/index.php?lang=de") << "where rules have led somewhere else they are";
}

TEST_F(HtaccessTest, TurnsTheEngineOnForFoldersThatDoNotSay) {
    folder.write("sub/.htaccess", "RewriteRule ^a$ /sub-a\n");
    load("RewriteEngine On\n");
    EXPECT_EQ(rewritten("/sub/a"), "/sub-a");
}

TEST_F(HtaccessTest, PutsRelativeTargetsBelowTheBaseInTheEnd) {
    load(
        "RewriteEngine On\nRewriteBase /app\nRewriteRule ^one$ two\nRewriteRule ^two$ three [L]\nRewriteRule "
        "^abs$ /x\n");
    EXPECT_EQ(rewritten("/one"), "/app/three") << "until then rules are asked for the folder's own names";
    EXPECT_EQ(rewritten("/abs"), "/x");
}

TEST_F(HtaccessTest, BeginsAgainWithNAndNotForEver) {
    load("RewriteEngine On\nRewriteRule ^(.*)_(.*)$ $1-$2 [N]\nRewriteRule ^loop loop [N]\n");
    EXPECT_EQ(rewritten("/a_b_c_d"), "/a-b-c-d");
    fake::Request& request = get("/loop");
    EXPECT_EQ(request.status(), 500u);
    EXPECT_NE(request.cause().find(".htaccess:3: RewriteRule begins again too often"), std::string::npos);
}

TEST_F(HtaccessTest, TellsALinkFromAFile) {
    folder.write("file", "x");
    std::filesystem::create_symlink("file", folder.path() + "/link");
    load("RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} -l\nRewriteRule ^ - [G]\n");
    EXPECT_EQ(status("/link"), 410u);
    EXPECT_EQ(status("/file"), 200u);
    EXPECT_EQ(status("/none"), 200u);
}

TEST_F(HtaccessTest, HandsVariablesOnWithTheirPrefix) {
    load("RewriteEngine On\nRewriteRule ^a$ /b [E=WHO:me,END]\n");
    fake::Request& request = get("/a");
    EXPECT_EQ(variable(request, "REDIRECT_WHO"), "me");
    EXPECT_EQ(variable(request, "WHO"), "(none)");
}

TEST_F(HtaccessTest, HandsThemOnToFoldersWithoutAFile) {
    folder.write("a/.htaccess", "RewriteEngine On\nRewriteRule ^x$ /b/x [E=WHO:me]\n");
    folder.write("b/x", "");
    load("");
    EXPECT_EQ(variable(get("/a/x"), "REDIRECT_WHO"), "me");
}

TEST_F(HtaccessTest, KnowsVariablesInFieldsOfItsOwnRedirects) {
    load("RewriteEngine On\nHeader always set X-Why %{WHY}e env=WHY\nRewriteRule ^a$ /b [R,E=WHY:moved]\n");
    EXPECT_EQ(get("/a").field("x-why"), "moved");
}

TEST_F(HtaccessTest, UnderstandsSpacesInConditions) {
    load("RewriteEngine On\nRewriteCond %{THE_REQUEST} ^GET\\ /index\\.php[?\\ ]\nRewriteRule ^ / [R=301,L]\n");
    EXPECT_EQ(location("/index.php"), "/");
    EXPECT_EQ(location("/x"), "");
}

TEST_F(HtaccessTest, EndsACircleWithTheFileAndLine) {
    load("RewriteEngine On\nRewriteRule ^(.*)$ x$1\n");
    fake::Request& request = get("/a");
    EXPECT_EQ(request.status(), 500u);
    EXPECT_NE(request.cause().find("/.htaccess:2: RewriteRule leads round in a circle"), std::string::npos)
        << request.cause();
}

TEST_F(HtaccessTest, StopsForGoodAtEnd) {
    load("RewriteEngine On\nRewriteRule ^a$ b [END]\nRewriteRule ^b$ c [L]\n");
    EXPECT_EQ(get("/a").redirects(), std::vector<std::string>{"/b"});
    EXPECT_EQ(get("/b").redirects(), std::vector<std::string>{"/c"});
}

TEST_F(HtaccessTest, GivesUpAPatternThatTriesTooMuch) {
    load("RewriteEngine On\nRewriteRule ^(a|aa|a?)+$ - [F]\n");
    fake::Request& request = get("/" + std::string(3000, 'a') + "b");
    EXPECT_EQ(request.status(), 500u);
    EXPECT_NE(request.cause().find(".htaccess:2: RewriteRule tries too much"), std::string::npos)
        << request.cause();
}

TEST_F(HtaccessTest, TellsProgramsWhatRulesSet) {
    load(
        "SetEnv PLAIN value\nSetEnvIf User-Agent (bot) IS_BOT=$1\nCGIPassAuth On\nRewriteEngine On\n"
        "RewriteRule ^ - [E=HTTP_X:%{HTTP:X-One},E=PHP_ADMIN_VALUE:open_basedir=none,E=LD_PRELOAD:/x]\n");
    fake::Request& request =
        send(host.get("/a").field("X-One", "1").field("User-Agent", "a bot").field("Authorization", "Bearer t"));
    EXPECT_EQ(variable(request, "PLAIN"), "value");
    EXPECT_EQ(variable(request, "IS_BOT"), "bot");
    EXPECT_EQ(variable(request, "HTTP_X"), "1");
    EXPECT_EQ(variable(request, "HTTP_AUTHORIZATION"), "Bearer t");
    EXPECT_EQ(variable(request, "PHP_ADMIN_VALUE"), "(none)");
    EXPECT_EQ(variable(request, "LD_PRELOAD"), "(none)");
}

TEST_F(HtaccessTest, Redirects) {
    load(
        "Redirect 301 /old https://example.org/new\nRedirect gone /dead\nRedirectMatch 302 ^/p/(\\d+)$ "
        "/page?id=$1\n"
        "RedirectPermanent /x/ /y/\n");
    EXPECT_EQ(location("/old"), "https://example.org/new");
    EXPECT_EQ(location("/old/a%20b?c"), "https://example.org/new/a%20b?c");
    EXPECT_EQ(location("/older"), "");
    EXPECT_EQ(status("/dead"), 410u);
    EXPECT_EQ(location("/p/7"), "/page?id=7");
    EXPECT_EQ(get("/x/z").status(), 301u);
    EXPECT_EQ(location("/x/z"), "/y/z");
    folder.write("sub/.htaccess", "Redirect /sub/old /sub/new\n");
    folder.write(".htaccess", "Redirect /sub /elsewhere\n");
    host.folders.change(folder.path(), ".htaccess");
    host.folders.change(folder.path(), "sub");
    EXPECT_EQ(location("/sub/old"), "/sub/new") << "the deepest folder's come first";
    EXPECT_EQ(location("/sub/x"), "/elsewhere/x");
}

TEST_F(HtaccessTest, LetsAFolderHaveItsSlashFirst) {
    folder.write("index.php", "x");
    folder.write("folder/x.txt", "x");
    folder.write("closed/x.txt", "x");
    folder.write("own/.htaccess", "RewriteEngine On\nRewriteRule ^ - [F]\n");
    folder.write("allowed/.htaccess", "RewriteEngine On\nRewriteOptions AllowNoSlash\nRewriteRule ^ - [F]\n");
    folder.write("off/.htaccess", "DirectorySlash Off\n");
    load(
        "RewriteEngine On\nRewriteRule ^closed - [F]\nRewriteCond %{REQUEST_FILENAME} !-f\n"
        "RewriteRule ^ index.php [L]\n");
    EXPECT_EQ(rewritten("/folder"), "") << "the client is sent to the one with a slash first";
    EXPECT_EQ(rewritten("/folder/"), "/index.php");
    EXPECT_EQ(rewritten("/none"), "/index.php");
    EXPECT_EQ(rewritten("/off"), "/index.php");
    EXPECT_EQ(status("/closed"), 403u) << "rules are asked";
    EXPECT_EQ(status("/own"), 200u) << "but not the folder's own";
    EXPECT_EQ(status("/own/"), 403u);
    EXPECT_EQ(status("/allowed"), 403u);
}

TEST_F(HtaccessTest, KeepsPathInfoWhereARuleLeadsToTheSameFile) {
    folder.write("index.php", "x");
    load("RewriteEngine On\nRewriteRule ^ index.php [L]\n");
    EXPECT_EQ(rewritten("/index.php/path/info?a"), "");
    EXPECT_EQ(rewritten("/other/path?a"), "/index.php?a");
}

TEST_F(HtaccessTest, TakesASectionsRulesInThePlaceOfTheFolders) {
    folder.write("sub/.htaccess",
                 "RewriteEngine On\nRewriteRule ^(a|player)\\.txt$ /other.txt [L]\n<Files player.txt>\n"
                 "RewriteCond %{QUERY_STRING} !^$\nRewriteRule ^(.*)$ %{REQUEST_URI}? [R=301,L]\n</Files>\n"
                 "<If \"%{HTTP_USER_AGENT} =~ /Bad/\">\nRewriteRule .* - [F]\n</If>\n"
                 "<Limit GET>\nRewriteRule ^limited$ /limit [L]\n</Limit>\n");
    load("");
    EXPECT_EQ(rewritten("/sub/a.txt"), "/other.txt");
    EXPECT_EQ(rewritten("/sub/player.txt"), "");
    EXPECT_EQ(location("/sub/player.txt?a=b"), "/sub/player.txt");
    EXPECT_EQ(rewritten("/sub/limited"), "/limit");
    EXPECT_EQ(send(host.get("/sub/a.txt").field("User-Agent", "Bad")).status(), 403u);
}

}  // namespace
}  // namespace turnpike::rewrite
