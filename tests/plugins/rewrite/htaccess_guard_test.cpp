// Who may enter, what answers look like, and that files are read once and again when they change.
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
    EXPECT_EQ(request.cause(),
              "the folder is closed: " + folder.path() + "/sub/.htaccess:2: Foo: is not understood");
    EXPECT_TRUE(host.logged("/sub/.htaccess:2: Foo: is not understood"));
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
    auto from = [&](const char* address, const char* target) {
        return send(host.get(target).remote(address, 1)).status();
    };
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
    EXPECT_EQ(send(host.get("/a/x").remote("10.0.0.1", 1)).status(), 403u);
    EXPECT_EQ(send(host.get("/a/x").remote("10.0.0.2", 1)).status(), 200u);
}

TEST_F(HtaccessTest, AsksOrderAllowAndDeny) {
    folder.write("deny/.htaccess", "Order allow,deny\nDeny from all\n");
    folder.write("deny2/.htaccess", "deny from all\n");
    folder.write("some/.htaccess", "Order deny,allow\nDeny from all\nAllow from 10.0.0.0/8\n");
    folder.write("but/.htaccess", "Order allow,deny\nAllow from all\nDeny from 10.0.0.1\n");
    load("");
    auto from = [&](const char* address, const char* target) {
        return send(host.get(target).remote(address, 1)).status();
    };
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
    for (const char* how : {"php_flag engine off", "RemoveHandler .php", "AddType text/plain .php",
                            "SetHandler none", "Options -ExecCGI", "ForceType text/plain"}) {
        folder.write("up/.htaccess", std::string(how) + "\n");
        folder.write("x/.htaccess", "");
        host.folders.change(folder.path() + "/up", ".htaccess");
        if (how == std::string("php_flag engine off")) load("");
        EXPECT_EQ(status("/up/x.php"), 403u) << how;
        EXPECT_EQ(status("/up/x.PHP.jpg"), 403u) << how;
        EXPECT_EQ(status("/up/x.jpg"), 200u) << how;
    }
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

TEST_F(HtaccessTest, ReadsAFileOnceAndAgainWhenItChanges) {
    folder.write("sub/x", "");
    load("Header set X-A 1\n");
    EXPECT_EQ(get("/sub/x").field("x-a"), "1");
    const uint64_t before = host.io.calls(TP_CLASS_FILE);
    EXPECT_EQ(get("/sub/x").field("x-a"), "1");
    EXPECT_EQ(get("/sub/y").field("x-a"), "1");
    EXPECT_EQ(get("/sub/y").field("x-a"), "1");
    EXPECT_LE(host.io.calls(TP_CLASS_FILE) - before, 2u) << "one look at the name y, none for .htaccess";
    folder.write(".htaccess", "Header set X-A 2\n");
    EXPECT_EQ(get("/sub/x").field("x-a"), "1") << "nobody has told";
    host.folders.change(folder.path(), ".htaccess");
    EXPECT_EQ(get("/sub/x").field("x-a"), "2");
    folder.write("sub/.htaccess", "Require all denied\n");
    host.folders.change(folder.path() + "/sub", ".htaccess");
    EXPECT_EQ(status("/sub/x"), 403u);
    std::filesystem::remove(folder.path() + "/sub/.htaccess");
    host.folders.change(folder.path() + "/sub", ".htaccess");
    EXPECT_EQ(status("/sub/x"), 200u);
}

TEST_F(HtaccessTest, SeesFoldersThatComeAndGo) {
    load("");
    EXPECT_EQ(status("/new/x"), 200u);
    folder.write("new/.htaccess", "Require all denied\n");
    host.folders.change(folder.path(), "new");
    EXPECT_EQ(status("/new/x"), 403u);
    EXPECT_EQ(host.folders.watched(), 2u);
    std::filesystem::remove_all(folder.path() + "/new");
    host.folders.change(folder.path() + "/new", "", TP_FOLDER_GONE);
    EXPECT_EQ(host.folders.watched(), 1u);
    EXPECT_EQ(status("/new/x"), 200u);
}

TEST_F(HtaccessTest, ReadsEachTimeWhatItCannotWatch) {
    host.folders.failNext(-ENOSPC);
    load("Header set X-A 1\n");
    EXPECT_EQ(get("/x").field("x-a"), "1");
    folder.write(".htaccess", "Header set X-A 2\n");
    EXPECT_EQ(get("/x").field("x-a"), "2");
    EXPECT_TRUE(host.logged("cannot be watched (No space left on device)"));
}

TEST(HtaccessSettings, StandAlone) {
    fake::Host host;
    host.site.root = "/tmp";
    host.set("htaccess", "true").set("path", "^/x");
    ASSERT_FALSE(host.load(tp_plugin_entry));
    EXPECT_NE(host.problems().at(0).find("path: is set beside `htaccess`"), std::string::npos)
        << host.problems().at(0);
}

}  // namespace
}  // namespace turnpike::rewrite
