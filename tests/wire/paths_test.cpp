// Ways out of the document root, and to files in it that nobody should see.
#include <sys/stat.h>
#include <unistd.h>

#include "wire.h"

namespace turnpike::wire {
namespace {

constexpr const char* kSecret = "SECRET";

class WirePaths : public WireTest<WirePaths> {
 public:
    static std::unique_ptr<Site> makeSite() {
        auto site = std::make_unique<Site>("", "", tryingSite());
        const TempFolder& root = site->root();
        for (const char* hidden :
             {".env",        ".git/config",     ".htaccess",       "sub/.hidden/file", ".well-known/.env",
              "conf.php",    "conf.PHP",        "conf.phtml",      "conf.php5",        "conf.inc",
              "conf.pl",     "conf.py",         "conf.php~",       "conf.php.bak",     "conf.php.1",
              "conf.php.gz", "conf.php.bak.gz", "conf.php.tar.gz", "conf.php_old",     "conf.php-2024-01-01",
              "conf.bak",    "conf.old",        "conf.orig",       "conf.swp",         "dump.sql",
              "dump.sql.gz", "debug.log",       "debug.log.1",     "sub/x.php",        "guarded/file.txt"})
            root.write(hidden, kSecret);
        root.write(".well-known/acme", "well known\n");
        root.write("sub/index.html", "sub index\n");
        root.write("area/index.html", "area index\n");
        root.write("area/in/index.html", "area in\n");
        root.write("sub/re/index.html", "decoded twice\n");
        root.write("jquery.min.js", "js\n");
        root.write("image.jpg", "image\n");
        outside().write("secret.txt", kSecret);
        EXPECT_EQ(::symlink((outside().path() + "/secret.txt").c_str(), (root.path() + "/link.txt").c_str()), 0);
        EXPECT_EQ(::symlink(outside().path().c_str(), (root.path() + "/folder").c_str()), 0);
        EXPECT_EQ(::symlink("../../etc", (root.path() + "/up").c_str()), 0);
        EXPECT_EQ(::symlink("/proc/self/root", (root.path() + "/magic").c_str()), 0);
        EXPECT_EQ(::symlink("file.txt", (root.path() + "/inner.txt").c_str()), 0);
        return site;
    }

 protected:
    static TempFolder& outside() {
        static TempFolder folder;
        ::chmod(folder.path().c_str(), 0755);
        return folder;
    }
    static Answer at(const std::string& target, const std::string& host = "localhost") {
        return ask(port(), "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    }

 private:
    static std::string tryingSite() {
        return "[[site]]\nname = \"trying\"\nhosts = [\"trying\"]\nroot = \"ROOT\"\n"
               "[[site.route]]\nprefix = \"/guarded/\"\ntry = [\"=404\"]\nplugin = \"probe\"\n"
               "[[site.route]]\nprefix = \"/deep/\"\ntry = [\"$path\", \"/view?p=$path&$query\"]\nplugin = "
               "\"probe\"\n"
               "[[site.route]]\nprefix = \"/re/\"\ntry = [\"$path\", \"/sub$path\"]\nplugin = \"static\"\n"
               "[[site.route]]\nexact = \"/view\"\nplugin = \"probe\"\n"
               "[[site.route]]\nprefix = \"/area\"\ntry = [\"$path\", \"$path/\", \"/view\"]\nplugin = "
               "\"static\"\n"
               "[[site.route]]\nprefix = \"/\"\ntry = [\"$path\", \"=404\"]\nplugin = \"static\"\n";
    }
};

TEST_F(WirePaths, RefusesPathsThatCouldMeanSomethingElse) {
    std::vector<Refused> cases;
    for (const char* path : {"/../etc/passwd",
                             "/../../../../etc/passwd",
                             "/%2e%2e/etc/passwd",
                             "/.%2e/etc/passwd",
                             "/a/../../etc/passwd",
                             "/..%2fetc/passwd",
                             "/a%2fb",
                             "/..%5c..%5cetc",
                             "/a%5cb",
                             "/%c0%ae%c0%ae/etc/passwd",
                             "/%e0%80%ae/x",
                             "/a%00.txt",
                             "/file.txt%00",
                             "/a%0ab",
                             "/a%0d%0aX:y",
                             "/a%7f",
                             "/%",
                             "/%2",
                             "/%zz",
                             "/%u002e/x",
                             "/%ff",
                             "/%ed%a0%80",
                             "/sub/%2e%2e/%2e%2e/x",
                             "/conf.php%00.txt",
                             "/conf.php%0a"})
        cases.push_back({"path", std::string("GET ") + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 400});
    expectRefused(port(), cases);
}

TEST_F(WirePaths, NeverSendsWhatIsHidden) {
    for (const char* path : {"/.env",
                             "/.git/config",
                             "/.git/",
                             "/.htaccess",
                             "/sub/.hidden/file",
                             "/.well-known/.env",
                             "/%2eenv",
                             "/sub/../.env",
                             "/sub/%2e%2e/%2eenv",
                             "/conf.php~",
                             "/conf.php.bak",
                             "/conf.php.1",
                             "/conf.php.gz",
                             "/conf.php.bak.gz",
                             "/conf.php.tar.gz",
                             "/conf.php_old",
                             "/conf.php-2024-01-01",
                             "/conf.bak",
                             "/conf.old",
                             "/conf.orig",
                             "/conf.swp",
                             "/dump.sql",
                             "/dump.sql.gz",
                             "/debug.log",
                             "/link.txt",
                             "/folder/secret.txt",
                             "/folder/",
                             "/up/passwd",
                             "/magic/etc/passwd",
                             "/conf.php::$DATA",
                             "/conf.php.",
                             "/conf.php%20",
                             "/..;/etc/passwd",
                             "/%252e%252e/etc/passwd",
                             "/%252eenv",
                             "/conf.php/",
                             "/conf.php/x",
                             "/conf.php/x.jpg"}) {
        Answer answer = at(path);
        EXPECT_EQ(answer.status, 404) << path;
        EXPECT_EQ(answer.body.find(kSecret), std::string::npos) << path;
        EXPECT_EQ(answer.body.find("root:"), std::string::npos) << path;
    }
}

// The folder's page may have links that are relative to the folder: answered at once they would lead astray.
TEST_F(WirePaths, RedirectsToAFolderThatTryFindsWithoutItsSlash) {
    Answer bare = at("/area?a=b", "trying");
    EXPECT_EQ(bare.status, 301);
    EXPECT_EQ(bare.field("location"), "/area/?a=b");
    EXPECT_EQ(at("/area/", "trying").body, "area index\n");
    EXPECT_EQ(at("/area/in", "trying").field("location"), "/area/in/");
}

TEST_F(WirePaths, NeverSendsAScriptAsText) {
    for (const char* path :
         {"/conf.php", "/conf.PHP", "/conf.phtml", "/conf.php5", "/conf.inc", "/conf.pl", "/conf.py", "/sub/x.php",
          "/%63onf.php", "/conf.ph%70", "//conf.php", "/sub/../conf.php"}) {
        for (const char* method : {"GET", "HEAD", "POST", "OPTIONS"}) {
            std::string length = method == std::string("POST") ? "Content-Length: 0\r\n" : "";
            Talk got = talk(port(), request(path, "Connection: close\r\n" + length, method));
            EXPECT_EQ(got.status, 500) << method << " " << path;
            EXPECT_FALSE(got.has(kSecret)) << method << " " << path;
        }
    }
}

TEST_F(WirePaths, StillSendsWhatOnlyLooksAlike) {
    for (const char* path : {"/.well-known/acme", "/sub/", "/sub/./index.html", "/jquery.min.js", "/image.jpg",
                             "/inner.txt", "/sub/../file.txt", "//file.txt", "/file.txt?.env", "/file%2etxt"})
        EXPECT_EQ(at(path).status, 200) << path;
    // Path info makes no script of an image.
    EXPECT_EQ(at("/image.jpg/x.php").status, 404);
    EXPECT_EQ(at("/image.jpg/").status, 404);
    EXPECT_EQ(at("/FILE.TXT").status, 404);
    EXPECT_EQ(at("/file.txt.").status, 404);
}

TEST_F(WirePaths, ReflectsNothingOfTheRequestInErrorPages) {
    Answer answer = ask(port(),
                        "GET /%3Cscript%3Ealert(1)%3C/script%3E?xssxss HTTP/1.1\r\nHost: localhost\r\n"
                        "Referer: xssxss\r\nX: xssxss\r\n\r\n");
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.body.find("script"), std::string::npos);
    EXPECT_EQ(answer.body.find("xssxss"), std::string::npos);
    EXPECT_NE(answer.field("content-security-policy").find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(answer.field("x-content-type-options"), "nosniff");
}

// "$query" in a path is a file's name, not a variable: its value would be a path that no route has seen.
TEST_F(WirePaths, ExpandsNoVariableThatTheClientWrote) {
    ASSERT_EQ(at("/file.txt", "trying").status, 200);
    ASSERT_EQ(at("/guarded/file.txt", "trying").status, 404);
    for (const char* target : {"/$query?guarded/file.txt", "/$query?/guarded/file.txt",
                               "/%24query?guarded/file.txt", "/$query?.env", "/$path"}) {
        Answer answer = at(target, "trying");
        EXPECT_EQ(answer.status, 404) << target;
        EXPECT_EQ(answer.body.find(kSecret), std::string::npos) << target;
    }
}

// The target of a fallback is decoded like any other, so what was decoded once goes into it encoded.
TEST_F(WirePaths, DecodesOnceAlsoOnTheWayThroughTry) {
    EXPECT_EQ(at("/re/index.html", "trying").body, "decoded twice\n");
    for (const char* target :
         {"/re/%2569ndex.html", "/re/index.html%3fx", "/re/%252e%252e/re/index.html", "/re/a%25"})
        EXPECT_EQ(at(target, "trying").status, 404) << target;
    Answer view = at("/deep/a%26b%3dc%25%20d%23?e=f", "trying");
    EXPECT_NE(view.body.find("query=p=/deep/a%26b%3Dc%25%20d%23&e=f\n"), std::string::npos) << view.body;
}

TEST_F(WirePaths, LeaveARequestWhatItIsOnTheWayThroughTry) {
    Answer view = ask(port(), "POST /deep/x?a=b HTTP/1.1\r\nHost: trying\r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_NE(view.body.find("method=POST\n"), std::string::npos) << view.body;
    EXPECT_NE(view.body.find("content-length=4\n"), std::string::npos) << view.body;
}

TEST_F(WirePaths, ThatAreRefusedAreToldWithTheReasons) {
    for (const char* target : {"/a%2Fb", "/caf%E9"}) {
        EXPECT_EQ(at(target).status, 400) << target;
        EXPECT_TRUE(site().server().waitForLog(std::string("GET ") + target +
                                               "\": the path is not UTF-8, leads out of "
                                               "the root, or has a broken escape or one that stands for a slash"));
    }
}

}  // namespace
}  // namespace turnpike::wire
