// .htaccess files in the real server: obeyed, watched, closing what they do not say clearly, and seen by PHP and
// CGI.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "support/raw_client.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace turnpike {
namespace {

class HtaccessServer : public testing::Test {
 protected:
    HtaccessServer() {
        ::chmod(place.path().c_str(), 0755);  // the workers of a server started as root are somebody else
        place.write("site/page.txt", "page\n");
        place.write("site/sub/page.txt", "sub\n");
        place.write("site/cgi-bin/env",
                    "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s|%s|%s|%s|%s' \"$REQUEST_URI\" "
                    "\"$SCRIPT_NAME\" \"$QUERY_STRING\" \"$SHOP\" \"$HTTP_AUTHORIZATION\"\n");
        ::chmod((place.path() + "/site/cgi-bin/env").c_str(), 0755);
    }
    /// `last`: what the last route of the site has beside its plugin, `static`.
    void start(const std::string& last = "", const std::string& lines = "") {
        server =
            std::make_unique<ServerProcess>("[[site]]\nhosts = [\"*\"]\nroot = \"" + place.path() + "/site\"\n" +
                                                "[[site.hook]]\nplugin = \"rewrite\"\nhtaccess = true\n" +
                                                "[[site.route]]\nprefix = \"/cgi-bin/\"\nplugin = \"cgi\"\n"
                                                "[[site.route]]\nplugin = \"static\"\n" +
                                                last,
                                            lines);
    }
    int status(const std::string& target) const { return get(server->port(), target).status; }
    /// Every worker has seen the change, so several answers in a row are asked for.
    bool becomes(const std::string& target, int wanted) const {
        for (int tries = 0, inarow = 0; tries < 2000; ++tries) {
            inarow = status(target) == wanted ? inarow + 1 : 0;
            if (inarow == 20) return true;
            if (inarow == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return false;
    }

    TempFolder place;
    std::unique_ptr<ServerProcess> server;
};

TEST_F(HtaccessServer, SeesChangesWithoutARestart) {
    start();
    EXPECT_EQ(status("/sub/page.txt"), 200);
    place.write("site/sub/.htaccess", "Require all denied\n");
    EXPECT_TRUE(becomes("/sub/page.txt", 403));
    EXPECT_EQ(status("/page.txt"), 200);
    place.write("site/sub/.htaccess", "Redirect 301 /sub/page.txt /page.txt\n");
    EXPECT_TRUE(becomes("/sub/page.txt", 301));
    std::filesystem::remove(place.path() + "/site/sub/.htaccess");
    EXPECT_TRUE(becomes("/sub/page.txt", 200));
    std::filesystem::rename(place.path() + "/site/sub", place.path() + "/site/other");
    place.write("site/sub/page.txt", "new\n");
    place.write("site/sub/.htaccess", "Require all denied\n");
    EXPECT_TRUE(becomes("/sub/page.txt", 403));
}

TEST_F(HtaccessServer, SeesThatAFileOrAFolderAboveIsRenamed) {
    place.write("site/a/b/page.txt", "page\n");
    place.write("site/a/b/new", "Require all denied\n");
    start();
    EXPECT_EQ(status("/a/b/page.txt"), 200);
    const std::string site = place.path() + "/site/";
    std::filesystem::rename(site + "a/b/new", site + "a/b/.htaccess");
    EXPECT_TRUE(becomes("/a/b/page.txt", 403));
    std::filesystem::rename(site + "a", site + "c");
    EXPECT_TRUE(becomes("/a/b/page.txt", 404));
    EXPECT_EQ(status("/c/b/page.txt"), 403);
    place.write("site/a/b/page.txt", "page\n");
    EXPECT_TRUE(becomes("/a/b/page.txt", 200));
    std::filesystem::rename(site + "c/b/.htaccess", site + "c/b/old");
    EXPECT_TRUE(becomes("/c/b/page.txt", 200));
    std::filesystem::remove_all(site + "a");
    std::filesystem::rename(site + "c", site + "a");
    EXPECT_TRUE(becomes("/a/b/page.txt", 200));
}

TEST_F(HtaccessServer, SeesWhatChangesBehindALink) {
    place.write("site/real/deep/page.txt", "page\n");
    place.write("site/rules", "Require all denied\n");
    std::filesystem::create_symlink("real", place.path() + "/site/by-link");
    std::filesystem::create_symlink("../rules", place.path() + "/site/sub/.htaccess");
    start();
    EXPECT_EQ(status("/by-link/deep/page.txt"), 200);
    EXPECT_EQ(status("/sub/page.txt"), 403);
    place.write("site/real/deep/.htaccess", "Require all denied\n");
    place.write("site/rules", "");
    EXPECT_EQ(status("/by-link/deep/page.txt"), 403) << "read for each request";
    EXPECT_EQ(status("/sub/page.txt"), 200);
}

// The access log has the calls of a request by what they were for; "file" is left out where there is none.
TEST_F(HtaccessServer, MakesNoCallForFilesThatItKnows) {
    place.write("site/.htaccess", "RewriteEngine On\nRewriteRule ^x$ /y\nHeader always set X-A 1\n");
    place.write("site/a/b/.htaccess", "Redirect 301 /a/b/old /new\nRequire all granted\n");
    start("", "workers = 1\naccess_format = \"json\"\n");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(status("/a/b/old"), 301);
    const std::string log = server->waitForAccess(3);
    const size_t second = log.find('\n') + 1;
    EXPECT_NE(log.substr(0, second).find("\"file\":{\"calls\":"), std::string::npos) << log;
    EXPECT_EQ(log.substr(second).find("\"file\":"), std::string::npos) << log;
}

TEST_F(HtaccessServer, ClosesAFolderAndSaysWhy) {
    place.write("site/sub/.htaccess", "Options -Indexes\nFoo bar\n");
    start();
    EXPECT_EQ(status("/sub/page.txt"), 500);
    EXPECT_EQ(status("/page.txt"), 200);
    EXPECT_TRUE(server->waitForLog("/site/sub/.htaccess:2: Foo: is not understood"));
    const Answer answer = get(server->port(), "/sub/page.txt");
    EXPECT_EQ(answer.body.find("Foo"), std::string::npos) << "visitors are not told";
}

TEST_F(HtaccessServer, RewritesForAProgramAndGivesItVariables) {
    place.write("site/.htaccess",
                "RewriteEngine On\nRewriteRule ^shop/(\\w+)$ /cgi-bin/env?id=$1 [QSA,L]\n"
                "RewriteRule ^cgi-bin/ - [E=SHOP:toys,E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]\n");
    start();
    EXPECT_EQ(get(server->port(), "/shop/7a?x=1", "Authorization: Bearer t\r\n").body,
              "/shop/7a?x=1|/cgi-bin/env|id=7a&x=1|toys|Bearer t");
}

TEST_F(HtaccessServer, ChangesAnswersAndNamesErrorPages) {
    place.write("site/.htaccess",
                "ErrorDocument 404 /page.txt\nHeader set X-A one\nHeader always set X-B two\nExpiresActive On\n"
                "ExpiresByType text/plain \"access plus 1 hour\"\n");
    start();
    const Answer good = get(server->port(), "/sub/page.txt");
    EXPECT_EQ(good.field("x-a"), "one");
    EXPECT_EQ(good.field("cache-control"), "max-age=3600");
    EXPECT_FALSE(good.field("expires").empty());
    const Answer missing = get(server->port(), "/none");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.body, "page\n");
    EXPECT_EQ(missing.field("x-a"), "");
    EXPECT_EQ(missing.field("x-b"), "two");
}

TEST_F(HtaccessServer, IsNeverSentAndLeadsAroundNoGuard) {
    place.write("site/.htaccess", "RewriteEngine On\nRewriteRule ^open/(.*)$ /sub/$1\n");
    place.write("site/sub/.htaccess", "Require all denied\n");
    start();
    EXPECT_EQ(status("/.htaccess"), 404);
    EXPECT_EQ(status("/open/page.txt"), 403);
    EXPECT_EQ(status("/sub/.htaccess"), 403);
    for (const char* target :
         {"/%73ub/page.txt", "//sub//page.txt", "/x/../sub/page.txt", "/sub/./page.txt", "/sub"})
        EXPECT_EQ(status(target), 403) << target;
}

// Not even where hidden files are shown, nor as the page of an error, which no hook is asked about.
TEST_F(HtaccessServer, IsNeverSentWhateverTheSiteShows) {
    place.write("site/.htaccess", "ErrorDocument 404 /.htaccess\n# SECRET\n");
    place.write("site/.HTpasswd", "SECRET\n");
    const std::string sites = "[[site]]\nroot = \"" + place.path() +
                              "/site\"\nhidden_files = true\n[[site.hook]]\nplugin = \"rewrite\"\n"
                              "htaccess = true\n[[site.route]]\nplugin = \"static\"\nautoindex = true\n";
    ServerProcess open(sites);
    for (const char* target : {"/.htaccess", "/.HTpasswd", "/sub/..%2f.htaccess", "/.ht%61ccess", "/none", "/"})
        EXPECT_EQ(get(open.port(), target).body.find("SECRET"), std::string::npos) << target;
    EXPECT_EQ(get(open.port(), "/.htaccess").status, 404);
    EXPECT_EQ(get(open.port(), "/").body.find(".ht"), std::string::npos) << "nor listed";
}

// What `try` finds for a path is asked about as if it were the path that came.
TEST_F(HtaccessServer, KeepsWhatAFoundFileIsKeptFrom) {
    for (const char* name : {"open", "secret", "denied", "gone", "sub/x"})
        place.write("site/" + std::string(name) + ".html", name);
    place.write("site/deep/index.html", "deep");
    place.write("site/.htaccess",
                "<Files secret.html>\nRequire all denied\n</Files>\n<FilesMatch ^index>\nRequire all denied\n"
                "</FilesMatch>\nRedirect gone /gone.html\nHeader set X-Name one\n<Files open.html>\n"
                "Header set X-Name open\n</Files>\nRewriteEngine On\nRewriteRule ^denied\\.html - [F]\n");
    place.write("site/sub/.htaccess", "<Files x.html>\nRequire all denied\n</Files>\n");
    start("try = [\"$path\", \"$path.html\", \"$path/index.html\", \"/deep$path.html\", \"=404\"]\n");
    const Answer open = get(server->port(), "/open");
    EXPECT_EQ(open.body, "open");
    EXPECT_EQ(open.field("x-name"), "open") << "also what sections say of its answer";
    for (const char* target : {"/secret", "/denied", "/sub/x", "/deep", "/deep/", "/deep//", "/index"})
        EXPECT_EQ(status(target), 403) << target;
    EXPECT_EQ(status("/gone"), 410);
    EXPECT_EQ(status("/none"), 404);
}

// Where a client is to go was said of the path that it asked for: clean addresses would lead round in a circle.
TEST_F(HtaccessServer, LeadsNobodyElsewhereFromAFoundFile) {
    place.write("site/open.html", "open");
    place.write("site/.htaccess",
                "RewriteEngine On\nRewriteRule ^(.*)\\.html$ /$1 [R=301,L]\nRewriteRule ^ - [E=SEEN:1]\n"
                "RewriteRule ^ - [QSA]\nRedirectMatch ^/(.*)\\.htm$ /$1\n");
    start("try = [\"$path.html\", \"$path\", \"=404\"]\n");
    EXPECT_EQ(get(server->port(), "/open.html").field("location"), "/open");
    EXPECT_EQ(get(server->port(), "/open").body, "open");
}

TEST_F(HtaccessServer, IsLookedThroughByADeepCheck) {
    start();
    std::string output;
    EXPECT_EQ(server->run("check --deep", &output), 0) << output;
    place.write("site/sub/.htaccess", "Options -Indexes\nFoo bar\n");
    place.write("site/a/b/.htaccess", "AuthType Basic\n");
    EXPECT_EQ(server->run("check", &output), 0) << "a site's own files do not keep the server from starting";
    EXPECT_NE(server->run("check --deep", &output), 0);
    EXPECT_NE(output.find("/site/sub/.htaccess:2: the folder is closed: Foo: is not understood\n"),
              std::string::npos)
        << output;
    EXPECT_NE(output.find("/site/a/b/.htaccess:1: the folder is closed: AuthType: "), std::string::npos) << output;
    EXPECT_NE(output.find("2 problems\n"), std::string::npos) << output;
}

TEST_F(HtaccessServer, BelievesTheServersOwnGuard) {
    place.write("site/sub/.htaccess", "Require valid-user\n");
    start();
    EXPECT_EQ(status("/sub/page.txt"), 403);
}

}  // namespace
}  // namespace turnpike
