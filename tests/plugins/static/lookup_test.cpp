#include <unistd.h>

#include "fixture.h"

namespace turnpike::static_files {

using StaticLookup = StaticTest;

TEST_F(StaticLookup, LeavesAMissingFileToTheNextRoute) {
    load();
    EXPECT_TRUE(get("/missing.html").declined());
    EXPECT_TRUE(get("/missing/").declined());
    EXPECT_TRUE(request("POST", "/missing").declined());
    EXPECT_TRUE(request("OPTIONS", "/missing").declined());
}

TEST_F(StaticLookup, HidesWhatTheHostHides) {
    write("/.env", "secret");
    write("/.git/config", "secret");
    write("/conf.php~", "secret");
    write("/data.bak", "secret");
    write("/.well-known/x.txt", "public");
    load();
    for (const char* path : {"/.env", "/.git/config", "/.git/", "/conf.php~", "/data.bak"})
        EXPECT_TRUE(get(path).declined()) << path;
    EXPECT_EQ(get("/.well-known/x.txt").text(), "public");
}

TEST_F(StaticLookup, NeverLeavesTheRoot) {
    ASSERT_EQ(symlink("/etc", (root + "/etc").c_str()), 0);
    ASSERT_EQ(symlink("/etc/passwd", (root + "/passwd.txt").c_str()), 0);
    load();
    EXPECT_TRUE(get("/etc/passwd").declined());
    EXPECT_TRUE(get("/etc/").declined());
    EXPECT_TRUE(get("/passwd.txt").declined());
}

TEST_F(StaticLookup, NeverSendsASourceAsText) {
    write("/conf.php", "<?php $password = 1;");
    load();
    Request& r = get("/conf.php");
    EXPECT_EQ(r.status(), 500u);
    EXPECT_EQ(r.text().find("password"), std::string::npos);
    EXPECT_NE(r.cause().find("no plugin runs \"/conf.php\""), std::string::npos) << r.cause();
    EXPECT_TRUE(get("/missing.php").declined());
}

TEST_F(StaticLookup, OfANameBelowAFileFindsNothing) {
    write("/a.txt", "x");
    load();
    EXPECT_TRUE(get("/a.txt/b").declined());
    EXPECT_TRUE(get("/a.txt/").declined());
}

TEST_F(StaticLookup, RefusesWhatIsNoFile) {
    ASSERT_EQ(mkfifo((root + "/pipe.txt").c_str(), 0600), 0);
    load();
    EXPECT_TRUE(get("/pipe.txt").declined());
}

TEST_F(StaticLookup, FindsTheFirstIndexThatIsThere) {
    host.site.index = {"index.html", "index.txt"};
    write("/a/index.html", "html");
    write("/a/index.txt", "text");
    write("/b/index.txt", "text");
    write("/c/index.html/x", "a folder");
    write("/c/index.txt", "text");
    load();
    EXPECT_EQ(get("/a/").text(), "html");
    EXPECT_EQ(get("/b/").text(), "text");
    EXPECT_EQ(get("/b/").field("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(get("/c/").text(), "text");
}

TEST_F(StaticLookup, HandsAnIndexScriptToItsRoute) {
    host.site.index = {"index.php", "index.html"};
    write("/my app/index.php", "<?php");
    write("/plain/index.html", "html");
    load();
    Request& r = get("/my%20app/?a=1");
    ASSERT_EQ(r.redirects().size(), 1u);
    EXPECT_EQ(r.redirects()[0], "/my%20app/index.php?a=1");
    EXPECT_EQ(get("/plain/").text(), "html");
    Request& post = request("POST", "/my%20app/");
    ASSERT_EQ(post.redirects().size(), 1u);
    EXPECT_TRUE(post.rewritten()) << "a form that is posted to the folder stays a POST";
}

TEST_F(StaticLookup, AddsTheSlashOfADirectory) {
    write("/my dir/x.txt", "x");
    load();
    Request& r = get("/my%20dir?b=2&c");
    EXPECT_EQ(r.status(), 301u);
    EXPECT_EQ(r.field("location"), "/my%20dir/?b=2&c");
    EXPECT_EQ(get("/my%20dir").field("location"), "/my%20dir/");
    EXPECT_TRUE(get("/my%20dir/").declined()) << "no index and no listing";
}

TEST_F(StaticLookup, TellsWhichMethodsThereAre) {
    write("/a.txt", "x");
    load();
    EXPECT_EQ(request("OPTIONS", "/a.txt").status(), 204u);
    for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"}) {
        Request& r = request(method, "/a.txt");
        EXPECT_EQ(r.status(), 405u) << method;
        EXPECT_EQ(r.field("allow"), "GET, HEAD, OPTIONS") << method;
    }
}

TEST_F(StaticLookup, IgnoresTheBodyOfAGet) {
    write("/a.txt", "x");
    load();
    EXPECT_EQ(send(host.get("/a.txt").body("who reads this?")).text(), "x");
}

TEST_F(StaticLookup, NamesTheCauseOfAFailure) {
    write("/a.txt", "x");
    load();
    const struct {
        int error;
        unsigned status;
        const char* cause;
    } cases[] = {{-EACCES, 403, "Permission denied"}, {-EMFILE, 503, "Too many open files"}, {-EIO, 500, "error"}};
    for (const auto& c : cases) {
        host.io.failNext("open", c.error);
        Request& r = get("/a.txt");
        EXPECT_EQ(r.status(), c.status);
        EXPECT_NE(r.cause().find("\"/a.txt\""), std::string::npos) << r.cause();
        EXPECT_NE(r.cause().find(c.cause), std::string::npos) << r.cause();
    }
    EXPECT_EQ(get("/a.txt").text(), "x");
}

TEST_F(StaticLookup, GivesDescriptorsBackWhateverHappens) {
    write("/a.txt", "x");
    write("/d/x", "x");
    write("/x.php", "x");
    load();
    const auto openFiles = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                             std::filesystem::directory_iterator{});
    };
    get("/a.txt");
    const auto before = openFiles();
    for (int i = 0; i < 20; ++i) {
        get("/d");
        get("/d/");
        get("/x.php");
        get("/missing");
        host.io.failNext("pread", -EIO);
        write("/a.txt", "changed", kOld + i);
        host.advance(1100);
        EXPECT_EQ(get("/a.txt").text(), "changed");
    }
    write("/a.txt", "at rest");
    host.advance(1100);
    get("/a.txt");
    EXPECT_EQ(openFiles(), before);
}

}  // namespace turnpike::static_files
