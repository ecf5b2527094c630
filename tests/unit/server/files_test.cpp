#include "server/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "support/temp_folder.h"

namespace turnpike::server {
namespace {

struct Folder : testing::Test {
    Folder() {
        folder.write("a.txt", "text");
        folder.write("sub/b.txt", "text");
        folder.write("x.php", "<?php");
        folder.write("x.php.bak", "<?php");
        folder.write("x.php~", "<?php");
        folder.write(".env", "SECRET=1");
        folder.write(".well-known/acme", "token");
        folder.write("sub/.git/config", "[core]");
        folder.write("dump.sql", "drop");
        config.root = folder.path();
        site.config = &config;
        reopen();
    }
    void reopen() {
        site.root = os::Fd(os::open(config.root, O_PATH | O_DIRECTORY, 0, os::Class::File), os::Class::File);
    }
    int openIt(std::string_view path, OpenFor what = OpenFor::Content) {
        struct stat st {};
        int fd = openFile(site, path, what, &st);
        if (fd < 0) return fd;
        close(fd);
        return 0;
    }
    TempFolder folder;
    config::Site config;
    Site site;
};

}  // namespace

TEST_F(Folder, OpensWhatIsBelowTheRoot) {
    EXPECT_EQ(openIt("/a.txt"), 0);
    EXPECT_EQ(openIt("/sub/b.txt"), 0);
    EXPECT_EQ(openIt("/sub", OpenFor::List), 0);
    EXPECT_EQ(openIt("/", OpenFor::List), 0);
    EXPECT_EQ(openIt("/none"), -ENOENT);
}

TEST_F(Folder, NeverLeavesTheRoot) {
    config.hidden_files = true;  // otherwise ".." would not even get as far as the kernel
    EXPECT_EQ(openIt("/../etc/passwd"), -EXDEV);
    EXPECT_EQ(openIt("/sub/../../../etc/passwd"), -EXDEV);
    ASSERT_EQ(symlink("/etc/passwd", (folder.path() + "/out").c_str()), 0);
    for (os::Links links : {os::Links::Deny, os::Links::Owner, os::Links::Beneath}) {
        config.links = links;
        EXPECT_LT(openIt("/out"), 0) << static_cast<int>(links);
    }
}

TEST_F(Folder, FollowsALinkOnlyWhereTheSiteSaysSo) {
    ASSERT_EQ(symlink("a.txt", (folder.path() + "/in").c_str()), 0);
    config.links = os::Links::Deny;
    EXPECT_EQ(openIt("/in"), -ELOOP);
    config.links = os::Links::Owner;
    EXPECT_EQ(openIt("/in"), 0);
    config.links = os::Links::Beneath;
    EXPECT_EQ(openIt("/in"), 0);
}

TEST_F(Folder, RefusesALinkToAnotherOwnersFile) {
    if (geteuid() != 0) GTEST_SKIP() << "needs root to give a file away";
    ASSERT_EQ(symlink("a.txt", (folder.path() + "/in").c_str()), 0);
    ASSERT_EQ(chown((folder.path() + "/a.txt").c_str(), 4711, 4711), 0);
    EXPECT_EQ(openIt("/in"), -ELOOP);
    EXPECT_EQ(openIt("/a.txt"), 0) << "without a link the owner does not matter";
}

TEST_F(Folder, HidesDotfilesAndLeftovers) {
    for (auto path : {"/.env", "/sub/.git/config", "/x.php.bak", "/x.php~", "/dump.sql"})
        EXPECT_EQ(openIt(path), -ENOENT) << path;
    EXPECT_EQ(openIt("/.well-known/acme"), 0);
    config.hidden_files = true;
    EXPECT_EQ(openIt("/.env"), 0);
}

TEST_F(Folder, NeverSendsSettingsOfApache) {
    folder.write(".htaccess", "");
    folder.write("a/.HTpasswd", "");
    folder.write("a/.htmlx/b", "");
    config.hidden_files = config.source_files = true;
    for (auto path : {"/.htaccess", "/a/.HTpasswd", "/a/.htmlx/b"}) {
        EXPECT_EQ(openIt(path), -ENOENT) << path;
        EXPECT_EQ(openIt(path, OpenFor::Lookup), -ENOENT) << path;
        EXPECT_EQ(openIt(path, OpenFor::Settings), 0) << path;
    }
}

TEST_F(Folder, NeverSendsSource) {
    EXPECT_EQ(openIt("/x.php"), -EPERM);
    EXPECT_EQ(openIt("/x.php", OpenFor::Lookup), 0) << "a gateway may look whether it is there";
    config.source_files = true;
    EXPECT_EQ(openIt("/x.php"), 0);
}

TEST(Names, TellsCodeAndItsCopies) {
    for (auto name : {"/x.php", "/X.PHP", "/a/b.phtml", "/c.inc", "/d.PhP8", "/e.cgi"})
        EXPECT_TRUE(isNeverStatic(name)) << name;
    for (auto name : {"/x.txt", "/php", "/x.php/y.png", "/x.phpx1"}) EXPECT_FALSE(isNeverStatic(name)) << name;
    for (auto name : {"/x~", "/x.swp", "/x.php.1", "/x.php.gz", "/X.BAK"}) EXPECT_TRUE(isBackup(name)) << name;
    for (auto name : {"/x.php", "/x.tar.gz", "/a.html"}) EXPECT_FALSE(isBackup(name)) << name;
    for (auto name : {"/.a", "/a/.b", "/x/.well-known", "/.well-knownx"}) EXPECT_TRUE(isHidden(name)) << name;
    for (auto name : {"/a.b", "/.well-known/x", "/a/b."}) EXPECT_FALSE(isHidden(name)) << name;
}

}  // namespace turnpike::server
