// Who may enter, and what answers look like.
#include <algorithm>
#include <filesystem>

#include "htaccess_fixture.h"

namespace turnpike::rewrite {
namespace {

TEST_F(HtaccessTest, ClosesAFolderThatItDoesNotUnderstand) {
    folder.write("sub/.htaccess", "Options -Indexes\nFoo bar\n");
    load("");
    EXPECT_EQ(status("/"), 200u);
    fake::Request& request = get("/sub/deep/file.txt");
    EXPECT_EQ(request.status(), 500u);
    EXPECT_EQ(request.cause(), "the folder is closed by " + folder.path() + "/sub/.htaccess:2");
    EXPECT_EQ(status("/sub/x"), 500u);
    const std::string why = "the folder is closed: " + folder.path() + "/sub/.htaccess:2: Foo: is not understood";
    const auto lines = host.lines();
    const auto says = [&](const auto& line) { return line.text.find(why) != std::string::npos; };
    EXPECT_EQ(std::ranges::count_if(lines, says), 1) << "said once";
}

TEST_F(HtaccessTest, ClosesAFolderWhoseFileIsNone) {
    std::filesystem::create_directories(folder.path() + "/sub/.htaccess");
    load("");
    EXPECT_EQ(status("/sub/x"), 500u);
}

TEST_F(HtaccessTest, AsksRequire) {
    folder.write("no/.htaccess", "Require all denied\n");
    folder.write("no/yes/.htaccess", "Require all granted\n");
    folder.write("net/.htaccess", "Require ip 10.1 192.168.0.0/255.255.0.0\n");
    folder.write("not/.htaccess", "<RequireAll>\nRequire all granted\nRequire not ip 10.0.0.1\n</RequireAll>\n");
    folder.write("user/.htaccess", "Require valid-user\n");
    load("");
    EXPECT_EQ(status("/no/x"), 403u);
    EXPECT_EQ(status("/no/yes/x"), 200u);
    EXPECT_EQ(from("10.1.2.3", "/net/x"), 200u);
    EXPECT_EQ(from("192.168.9.9", "/net/x"), 200u);
    EXPECT_EQ(from("10.2.0.1", "/net/x"), 403u);
    EXPECT_EQ(from("10.0.0.1", "/not/x"), 403u);
    EXPECT_EQ(from("10.0.0.2", "/not/x"), 200u);
    EXPECT_EQ(status("/user/x"), 403u) << "nobody has said who it is";
}

TEST_F(HtaccessTest, AsksRequireInsideOfOtherSections) {
    folder.write("a/.htaccess",
                 "<RequireAll>\n<IfModule mod_authz_core.c>\nRequire all granted\n</IfModule>\n"
                 "<RequireNone>\nRequire ip 10.0.0.1\n</RequireNone>\n</RequireAll>\n");
    load("");
    EXPECT_EQ(from("10.0.0.1", "/a/x"), 403u);
    EXPECT_EQ(from("10.0.0.2", "/a/x"), 200u);
}

TEST_F(HtaccessTest, AsksOrderAllowAndDeny) {
    folder.write("deny/.htaccess", "Order allow,deny\nDeny from all\n");
    folder.write("deny2/.htaccess", "deny from all\n");
    folder.write("some/.htaccess", "Order deny,allow\nDeny from all\nAllow from 10.0.0.0/8\n");
    folder.write("but/.htaccess", "Order allow,deny\nAllow from all\nDeny from 10.0.0.1\n");
    load("");
    EXPECT_EQ(status("/deny/x"), 403u);
    EXPECT_EQ(status("/deny2/x"), 403u);
    EXPECT_EQ(from("10.9.9.9", "/some/x"), 200u);
    EXPECT_EQ(from("11.9.9.9", "/some/x"), 403u);
    EXPECT_EQ(from("10.0.0.1", "/but/x"), 403u);
    EXPECT_EQ(from("10.0.0.2", "/but/x"), 200u);
}

TEST_F(HtaccessTest, ClosesFilesByTheirNames) {
    folder.write("a/wp-config.php", "x");
    load(
        "<Files wp-config.php>\nRequire all denied\n</Files>\n<FilesMatch \"\\.(inc|sql)$\">\nOrder allow,deny\n"
        "</FilesMatch>\n<LimitExcept GET POST>\nRequire all denied\n</LimitExcept>\n");
    EXPECT_EQ(status("/wp-config.php"), 403u);
    EXPECT_EQ(status("/a/wp-config.php"), 403u);
    EXPECT_EQ(status("/a/wp-config.php/info"), 403u) << "with path info it is the same file";
    EXPECT_EQ(status("/dump.sql"), 403u);
    EXPECT_EQ(status("/index.php"), 200u);
    EXPECT_EQ(send(host.request("DELETE", "/x")).status(), 403u);
    EXPECT_EQ(send(host.request("HEAD", "/x")).status(), 200u);
}

TEST_F(HtaccessTest, TurnsScriptsOff) {
    for (const char* how :
         {"php_flag engine off", "RemoveHandler .php", "AddType text/plain .php", "SetHandler none",
          "ForceType text/plain", "AddHandler cgi-script .php", "SetHandler Some_Name_That_Nobody_Knows"}) {
        folder.write("up/.htaccess", std::string(how) + "\n");
        folder.write("x/.htaccess", "");
        host.folders.change(folder.path() + "/up", ".htaccess");
        if (how == std::string("php_flag engine off")) load("");
        EXPECT_EQ(status("/up/x.php"), 403u) << how;
        EXPECT_EQ(status("/up/x.PHP.jpg"), 403u) << how;
        EXPECT_EQ(status("/up/x.jpg"), 200u) << how;
        EXPECT_EQ(status("/up/a.shp"), 200u) << how << ": no ending of a program's";
    }
}

TEST_F(HtaccessTest, TurnsProgramsOffThatAreNoPhp) {
    folder.write("a/.htaccess", "Options -ExecCGI\nAddHandler cgi-script .php .pl .htm\n");
    folder.write("b/.htaccess", "Options -Indexes -ExecCGI\n");
    load("");
    for (const char* name : {"/a/x.php", "/a/x.pl", "/a/x.cgi", "/a/x.htm", "/b/x.py"})
        EXPECT_EQ(status(name), 403u) << name;
    for (const char* name : {"/a/x.html", "/a/x.png", "/b/x.php"}) EXPECT_EQ(status(name), 200u) << name;
}

TEST_F(HtaccessTest, TakesOptionsWithoutASignForAllOfThem) {
    folder.write("a/.htaccess", "Options FollowSymLinks\n");
    folder.write("b/.htaccess", "Options +FollowSymLinks\n");
    folder.write("c/.htaccess", "Options FollowSymLinks Indexes\n");
    load("");
    EXPECT_EQ(status("/a/"), 403u) << "lists are off";
    EXPECT_EQ(status("/b/"), 200u);
    EXPECT_EQ(status("/c/"), 200u);
}

TEST_F(HtaccessTest, AsksAllForAFileThatWasFound) {
    folder.write("up/.htaccess",
                 "<Files secret.html>\nRequire all denied\n</Files>\nphp_flag engine off\n<Files index.html>\n"
                 "Header set X-A 1\n</Files>\nRedirect gone /up/gone.html\nRewriteEngine On\n"
                 "RewriteRule ^f\\.html - [F]\nRewriteRule ^m\\.html /login\n");
    load("");
    EXPECT_EQ(found("/up/", "/up/index.html").field("x-a"), "1");
    EXPECT_EQ(found("/up/secret", "/up/secret.html").status(), 403u);
    EXPECT_EQ(found("/up/", "/up/index.php").status(), 403u) << "scripts are off";
    EXPECT_EQ(found("/up/gone", "/up/gone.html").status(), 410u);
    EXPECT_EQ(found("/up/f", "/up/f.html").status(), 403u);
    EXPECT_EQ(found("/up/m", "/up/m.html").redirects(), std::vector<std::string>{"/login"});
    EXPECT_EQ(found("/x", "/up/secret.html").status(), 403u) << "of the file's own folder";
}

TEST_F(HtaccessTest, LeadsNobodyElsewhereFromAFileThatWasFound) {
    load(
        "Redirect /a.html /b\nRewriteEngine On\nRewriteRule ^c\\.html$ /d [R=301]\n"
        "RewriteRule ^c\\.html$ http://x.org/ [L]\nRewriteRule ^shut/c\\.html$ - [R=301]\n"
        "RewriteRule ^shut - [F]\nRewriteRule ^q\\.html$ q.html?x=1\nRewriteRule ^e - [E=WHO:me]\n");
    for (const char* name : {"/a", "/c", "/q"}) {
        const fake::Request& request = found(name, std::string(name) + ".html");
        EXPECT_EQ(request.status(), 200u) << name;
        EXPECT_TRUE(request.redirects().empty()) << name;
    }
    EXPECT_EQ(found("/x", "/shut/c.html").status(), 403u) << "rules behind one that is passed over are asked";
    EXPECT_EQ(variable(found("/e", "/e.html"), "WHO"), "me");
    EXPECT_EQ(variable(found("/e", "/other.html"), "WHO"), "me")
        << "nothing was handed on: it is the same request";
}

TEST_F(HtaccessTest, HoldsTheOrderAroundALimit) {
    load("Order allow,deny\n<Limit GET>\nAllow from 10.0.0.0/8\n</Limit>\n");
    EXPECT_EQ(from("10.0.0.1", "/x"), 200u);
    EXPECT_EQ(from("11.0.0.1", "/x"), 403u);
}

TEST_F(HtaccessTest, SetsVariablesForRequireByPatternsOnly) {
    folder.write("late/.htaccess", "SetEnv OK 1\nRequire env OK\n");
    folder.write("early/.htaccess", "SetEnvIf ^X-Key$ ^open$ OK\nRequire env OK\n");
    load("");
    EXPECT_EQ(status("/late/x"), 403u) << "Apache sets it when all is asked";
    EXPECT_EQ(status("/early/x"), 403u);
    EXPECT_EQ(send(host.get("/early/x").field("X-Key", "open")).status(), 200u);
}

TEST_F(HtaccessTest, ChangesErrorsOfProgramsAndNoOthersUnlessAlways) {
    load(
        "Header set X-Set 1\nHeader always set X-Always 1\nRedirect /old /new\n<Files shut.php>\nRequire all "
        "denied\n</Files>\n");
    const auto fields = [&](const char* target) {
        fake::Request& request = host.get(target).content(404, {}, "none");
        EXPECT_TRUE(host.run(request));
        return request.field("x-set") + "|" + request.field("x-always");
    };
    EXPECT_EQ(fields("/x.php"), "1|1");
    EXPECT_EQ(fields("/x.jpg"), "|1");
    EXPECT_EQ(fields("/old"), "|1") << "a redirect of the file's own";
    EXPECT_EQ(fields("/shut.php"), "|1");
}

TEST_F(HtaccessTest, ReadsNoMorePatternsThanAFileMayHave) {
    std::string many;
    for (int i = 0; i < 1001; ++i) many += "RedirectMatch 404 ^/" + std::to_string(i) + "$\n";
    load(many);
    EXPECT_EQ(status("/"), 500u);
    EXPECT_TRUE(host.logged(".htaccess:1001: RedirectMatch: is one pattern too many"));
}

TEST_F(HtaccessTest, ChangesFieldsOfAnswers) {
    load(
        "Header set X-Set one\nHeader always set X-Always \"%{WHO}e\"\nHeader append Vary Cookie\n"
        "Header merge Cache-Control no-cache\nHeader unset X-Old\nHeader add X-Add 1\nHeader setifempty X-Set "
        "two\n"
        "Header edit Set-Cookie ^(.*)$ $1;HttpOnly\nSetEnv WHO me\nHeader set X-If 1 env=WHO\n"
        "Header set X-IfNot 1 env=!WHO\n");
    fake::Request& request = host.get("/x").content(
        200, {{"Vary", "Accept"}, {"Cache-Control", "no-cache"}, {"X-Old", "1"}, {"Set-Cookie", "a=b"}}, "text");
    ASSERT_TRUE(host.run(request));
    EXPECT_EQ(request.field("X-Set"), "one");
    EXPECT_EQ(request.field("X-Always"), "me");
    EXPECT_EQ(request.field("Vary"), "Accept, Cookie");
    EXPECT_EQ(request.field("Cache-Control"), "no-cache");
    EXPECT_EQ(request.field("X-Old"), "");
    EXPECT_EQ(request.field("X-Add"), "1");
    EXPECT_EQ(request.field("Set-Cookie"), "a=b;HttpOnly");
    EXPECT_EQ(request.field("X-If"), "1");
    EXPECT_EQ(request.field("X-IfNot"), "");
    fake::Request& missing = host.get("/x").content(404, {}, "none");
    ASSERT_TRUE(host.run(missing));
    EXPECT_EQ(missing.field("X-Set"), "");
    EXPECT_EQ(missing.field("X-Always"), "me");
}

TEST_F(HtaccessTest, SaysHowLongAnswersKeep) {
    load(
        "ExpiresActive On\nExpiresDefault \"access plus 1 hour\"\nExpiresByType image/png A60\n"
        "ExpiresByType text/css \"modification plus 2 days\"\n<Files x.js>\nExpiresActive Off\n</Files>\n");
    auto age = [&](const char* target, const char* type, fake::Fields more = {}) {
        more.emplace_back("Content-Type", type);
        fake::Request& request = host.get(target).content(200, more, "x");
        EXPECT_TRUE(host.run(request));
        return request.field("Cache-Control");
    };
    EXPECT_EQ(age("/a", "text/html; charset=utf-8"), "max-age=3600");
    EXPECT_EQ(age("/a", "image/png"), "max-age=60");
    EXPECT_EQ(age("/a", "text/css", {{"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"}}), "max-age=0");
    EXPECT_EQ(age("/x.js", "text/javascript"), "");
    EXPECT_EQ(age("/a", "image/png", {{"Expires", "0"}}), "");
}

TEST_F(HtaccessTest, SaysWhatFilesAre) {
    load(
        "AddType image/svg+xml svg svgz\nAddEncoding gzip svgz\nAddCharset utf-8 .txt\nAddDefaultCharset "
        "iso-8859-15\n"
        "RewriteEngine On\nRewriteRule \\.css\\.gz$ - [T=text/css]\n");
    auto type = [&](const char* target, const char* given) {
        fake::Request& request = host.get(target).content(200, {{"Content-Type", given}}, "x");
        EXPECT_TRUE(host.run(request));
        return request.field("Content-Type") + "|" + request.field("Content-Encoding");
    };
    EXPECT_EQ(type("/a.svgz", "application/octet-stream"), "image/svg+xml|gzip");
    EXPECT_EQ(type("/a.txt", "text/plain; charset=x"), "text/plain; charset=utf-8|");
    EXPECT_EQ(type("/a.html", "text/html"), "text/html; charset=iso-8859-15|");
    EXPECT_EQ(type("/a.css.gz", "application/gzip"), "text/css; charset=iso-8859-15|");
    EXPECT_EQ(type("/a.php", "application/json"), "application/json|");
}

TEST_F(HtaccessTest, NamesPagesForErrorsAndPhpSettings) {
    folder.write("sub/.htaccess", "php_value upload_max_filesize 64M\nphp_flag display_errors off\n");
    load("ErrorDocument 404 /missing.php\nErrorDocument 403 \"No entry\"\nphp_value upload_max_filesize 8M\n");
    fake::Request& request = get("/sub/x.php");
    EXPECT_EQ(variable(request, "PHP_VALUE"), "display_errors=\"0\"\nupload_max_filesize=\"64M\"\n");
    EXPECT_EQ(request.errorPages(), (std::vector<std::pair<unsigned, std::string>>{{404, "/missing.php"}}));
    EXPECT_EQ(variable(get("/x.php"), "PHP_VALUE"), "upload_max_filesize=\"8M\"\n");
    folder.write("own/.htaccess", "ErrorDocument 404 default\n");
    EXPECT_TRUE(get("/own/x").errorPages().empty()) << "the deeper folder takes it back";
}

TEST_F(HtaccessTest, FindsTheIndexAndForbidsLists) {
    folder.write("app/start.php", "x");
    folder.write("app/.htaccess", "DirectoryIndex gone.php start.php\n");
    folder.write("bare/.htaccess", "Options -Indexes\n");
    folder.write("page/.htaccess", "Options -Indexes\n");
    folder.write("page/index.html", "x");
    load("");
    EXPECT_EQ(rewritten("/app/?a=b"), "/app/start.php?a=b");
    EXPECT_EQ(status("/bare/"), 403u);
    EXPECT_EQ(status("/page/"), 200u);
    EXPECT_EQ(status("/bare/x"), 200u);
}

TEST(HtaccessSettings, StandAlone) {
    fake::Host host;
    host.site.root = "/tmp";
    host.set("htaccess", "true").set("path", "^/x");
    ASSERT_FALSE(host.load(tp_plugin_entry));
    EXPECT_NE(host.problems().at(0).find("path: is set beside `htaccess`"), std::string::npos)
        << host.problems().at(0);
}

TEST_F(HtaccessTest, AsksASectionForAllFilesAboutAFolderToo) {
    folder.write("files/.htaccess", "<Files *>\nRequire all denied\n</Files>\n");
    folder.write("named/.htaccess", "<FilesMatch \"^x\">\nRequire all denied\n</FilesMatch>\n");
    load("");
    EXPECT_EQ(status("/files/"), 403u) << "its list would tell the names";
    EXPECT_EQ(status("/files/x"), 403u);
    EXPECT_EQ(status("/named/"), 200u);
    EXPECT_EQ(status("/named/x"), 403u);
}

TEST_F(HtaccessTest, KnowsTheNamesOfHostsThatNeedNoLookup) {
    folder.write("local/.htaccess", "Order deny,allow\nDeny from all\nAllow from localhost\n");
    folder.write("require/.htaccess", "Require host localhost\n");
    folder.write("none/.htaccess", "Order deny,allow\nDeny from none\n");
    load("");
    for (const char* target : {"/local/x", "/require/x"}) {
        EXPECT_EQ(from("127.0.0.1", target), 200u) << target;
        EXPECT_EQ(from("::1", target), 200u) << target;
        EXPECT_EQ(from("10.0.0.1", target), 403u) << target;
    }
    EXPECT_EQ(from("10.0.0.1", "/none/x"), 200u);
}

TEST_F(HtaccessTest, AsksForTls) {
    folder.write("safe/.htaccess",
                 "<IfModule mod_ssl.c>\nSSLRequireSSL\nSSLOptions +StrictRequire\n</IfModule>\n");
    folder.write("safe/below/.htaccess", "Require all granted\n");
    load("");
    EXPECT_EQ(status("/safe/x"), 403u);
    EXPECT_EQ(status("/safe/below/x"), 403u);
    EXPECT_EQ(send(host.get("/safe/x").secure()).status(), 200u);
}

TEST_F(HtaccessTest, ChangesRequestFieldsForPrograms) {
    load(
        "RequestHeader set X-Forwarded-Proto https\nRequestHeader unset Cookie\n"
        "RequestHeader append Accept-Encoding gzip env=WANTS\nSetEnvIf ^(Accept-EncodXng|X{15})$ . WANTS\n"
        "RequestHeader edit If-None-Match \"-gzip\\\"$\" \"\\\"\"\nSetEnv NAME value\n"
        "RequestHeader setifempty X-Name %{NAME}e\nRequestHeader unset Proxy\n"
        "RequestHeader set X-Bot 1 \"expr=%{HTTP_USER_AGENT} =~ /Bot/\"\n");
    const fake::Request& request = send(host.get("/x.php")
                                            .field("Cookie", "a=b")
                                            .field("Accept-Encoding", "br")
                                            .field("Accept-EncodXng", "gzip")
                                            .field("If-None-Match", "\"a-gzip\""));
    EXPECT_EQ(request.asked("x-forwarded-proto"), "https");
    EXPECT_EQ(request.asked("cookie"), "");
    EXPECT_EQ(request.asked("accept-encoding"), "br, gzip");
    EXPECT_EQ(request.asked("if-none-match"), "\"a\"");
    EXPECT_EQ(request.asked("x-name"), "value");
    EXPECT_EQ(request.asked("x-bot"), "");
    const fake::Request& other = send(host.get("/x.php").field("User-Agent", "Bot").field("X-Name", "own"));
    EXPECT_EQ(other.asked("accept-encoding"), "");
    EXPECT_EQ(other.asked("x-name"), "own");
    EXPECT_EQ(other.asked("x-bot"), "1");
}

TEST_F(HtaccessTest, FallsBackForWhatIsNotThere) {
    folder.write("index.php", "x");
    folder.write("a.css", "x");
    folder.write("empty/x.txt", "x");
    folder.write("off/.htaccess", "FallbackResource disabled\n");
    folder.write("wrong/.htaccess", "FallbackResource /none.php\n");
    load("FallbackResource /index.php\n");
    for (const char* target : {"/none", "/none/deeper", "/empty/none", "/empty/", "/none.css"})
        EXPECT_EQ(rewritten(target), "/index.php") << target;
    EXPECT_EQ(rewritten("/none?a=%20b"), "/index.php?a=%20b");
    for (const char* target :
         {"/a.css", "/a.css/x", "/index.php", "/none.php", "/empty", "/off/none", "/wrong/none"})
        EXPECT_EQ(rewritten(target), "") << target;
}

TEST_F(HtaccessTest, SaysHowLongAnswersWithoutATypeKeep) {
    folder.write("folder/x.txt", "x");
    folder.write("all/.htaccess", "ExpiresByType text/html A5\nExpiresByType text/css A9\n");
    load("ExpiresActive On\nExpiresDefault A60\nHeader set X-Own yes\nAddCharset utf-8 .json\n");
    const auto answer = [&](const char* target, unsigned status, fake::Fields fields) -> fake::Request& {
        fake::Request& request = host.get(target).content(status, std::move(fields), "x");
        EXPECT_TRUE(host.run(request));
        return request;
    };
    EXPECT_EQ(answer("/all/a.css", 200, {{"content-type", "text/css"}}).field("cache-control"), "max-age=9");
    EXPECT_EQ(answer("/all/a.css", 304, {}).field("cache-control"), "") << "what the client has keeps by its own";
    EXPECT_EQ(answer("/a.css", 304, {}).field("cache-control"), "max-age=60");
    EXPECT_EQ(answer("/all/b", 301, {{"location", "/c"}}).field("cache-control"), "max-age=5");
    EXPECT_EQ(answer("/folder", 301, {{"location", "/folder/"}}).field("x-own"), "");
    EXPECT_EQ(answer("/app", 302, {{"location", "/app/x"}}).field("x-own"), "yes") << "what a program says";
    EXPECT_EQ(answer("/a.json", 200, {{"content-type", "application/json"}}).field("content-type"),
              "application/json; charset=utf-8");
}

TEST_F(HtaccessTest, DoesNotTellPhpOfSettingsThatAreGone) {
    load("php_flag magic_quotes_gpc off\nphp_flag suhosin.session.cryptua off\nphp_flag file_uploads on\n");
    EXPECT_EQ(variable(get("/x.php"), "PHP_VALUE"), "file_uploads=\"1\"\n");
}

}  // namespace
}  // namespace turnpike::rewrite
