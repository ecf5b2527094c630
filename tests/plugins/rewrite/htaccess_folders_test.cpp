// That .htaccess files are read once, again when something has changed, and each time where nobody would tell.
#include <filesystem>

#include "htaccess_fixture.h"

namespace turnpike::rewrite {
namespace {

class HtaccessFolders : public HtaccessTest {
 protected:
    /// How often a request crosses into the kernel for files.
    uint64_t callsOf(const std::string& target) {
        const uint64_t before = host.io.calls(TP_CLASS_FILE);
        EXPECT_EQ(status(target), 200u) << target;
        return host.io.calls(TP_CLASS_FILE) - before;
    }
    void remove(const std::string& name) { std::filesystem::remove_all(folder.path() + "/" + name); }
    void link(const std::string& to, const std::string& name) {
        std::filesystem::create_symlink(to, folder.path() + "/" + name);
    }
    void move(const std::string& from, const std::string& to) {
        std::filesystem::rename(folder.path() + "/" + from, folder.path() + "/" + to);
    }
};

TEST_F(HtaccessFolders, ReadsAFileOnceAndAgainWhenItChanges) {
    folder.write("sub/x", "");
    load("Header set X-A 1\n");
    EXPECT_EQ(get("/sub/x").field("x-a"), "1");
    EXPECT_EQ(get("/sub/y").field("x-a"), "1");
    EXPECT_EQ(callsOf("/sub/x") + callsOf("/sub/y") + callsOf("/sub/"), 0u) << "all is known";
    EXPECT_EQ(callsOf("/sub/z"), 1u) << "whether z is a folder";
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

TEST_F(HtaccessFolders, SeesFoldersThatComeAndGo) {
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

TEST_F(HtaccessFolders, ForgetsAllBelowAFolderThatMoves) {
    folder.write("a/b/.htaccess", "Require all denied\n");
    folder.write("a-b/x", "");
    load("");
    EXPECT_EQ(status("/a/b/x"), 403u);
    EXPECT_EQ(status("/a-b/x"), 200u);
    move("a", "c");
    folder.write("a/b/x", "");
    host.folders.change(folder.path(), "a");
    EXPECT_EQ(status("/a/b/x"), 200u);
    EXPECT_EQ(status("/c/b/x"), 403u);
    EXPECT_EQ(callsOf("/a-b/x"), 0u) << "that one has only a name like it";
}

TEST_F(HtaccessFolders, ForgetsEverythingWhenChangesWereLost) {
    folder.write("a/b/x", "");
    load("");
    EXPECT_EQ(status("/a/b/x"), 200u);
    EXPECT_EQ(host.folders.watched(), 3u);
    folder.write("a/b/.htaccess", "Require all denied\n");
    EXPECT_EQ(status("/a/b/x"), 200u) << "nobody has told";
    for (const char* path : {"/a/b", "", "/a"}) host.folders.change(folder.path() + path, "", TP_FOLDER_GONE);
    EXPECT_EQ(host.folders.watched(), 0u);
    EXPECT_EQ(status("/a/b/x"), 403u);
}

TEST_F(HtaccessFolders, ReadsEachTimeWhatItCannotWatch) {
    folder.write("sub/.htaccess", "Header set X-A 1\n");
    load("");
    host.folders.failNext(-ENOSPC);
    EXPECT_EQ(get("/sub/x").field("x-a"), "1");
    EXPECT_EQ(host.folders.watched(), 0u)
        << "nor is what lies below it kept: who would tell that the root has moved?";
    EXPECT_TRUE(host.logged("cannot be watched (No space left on device)"));
    host.folders.failNext(-ENOSPC);
    folder.write("sub/.htaccess", "Header set X-A 2\n");
    EXPECT_EQ(get("/sub/x").field("x-a"), "2");
    EXPECT_EQ(get("/sub/x").field("x-a"), "2");
    EXPECT_EQ(host.folders.watched(), 2u) << "it is tried again";
    EXPECT_EQ(callsOf("/sub/x"), 0u);
}

TEST_F(HtaccessFolders, ReadsEachTimeWhatALinkLeadsTo) {
    folder.write("real/deep/.htaccess", "Require all denied\n");
    folder.write("shared", "Header set X-A 1\n");
    folder.write("own/x", "");
    link("real", "by-link");
    link("../shared", "own/.htaccess");
    load("");
    EXPECT_EQ(status("/by-link/deep/x"), 403u);
    EXPECT_EQ(get("/own/x").field("x-a"), "1");
    folder.write("real/deep/.htaccess", "");
    folder.write("shared", "Header set X-A 2\n");
    EXPECT_EQ(status("/by-link/deep/x"), 200u);
    EXPECT_EQ(get("/own/x").field("x-a"), "2");
    EXPECT_EQ(host.folders.watched(), 2u) << "the root and own";
}

TEST_F(HtaccessFolders, ClosesAFolderWhoseFileIsALinkThatLeadsNowhere) {
    folder.write("own/x", "");
    link("gone", "own/.htaccess");
    load("");
    EXPECT_EQ(status("/own/x"), 500u);
    EXPECT_TRUE(host.logged("/own/.htaccess: cannot be read: No such file or directory"));
}

TEST_F(HtaccessFolders, ClosesWhatItCannotLookAt) {
    folder.write("sub/.htaccess", "Require all denied\n");
    load("");
    EXPECT_EQ(status("/"), 200u);
    host.io.failNext("open", -EMFILE);
    EXPECT_EQ(status("/sub/x"), 500u) << "nobody knows what its file says";
    EXPECT_EQ(status("/sub/x"), 403u);
    host.folders.change(folder.path() + "/sub", ".htaccess");
    host.io.failNext("open", -EIO);
    EXPECT_EQ(status("/sub/x"), 500u);
    EXPECT_TRUE(host.logged("/sub/.htaccess: cannot be read: Input/output error"));
    EXPECT_EQ(status("/sub/x"), 403u) << "it is tried again";
    host.folders.change(folder.path() + "/sub", ".htaccess");
    host.io.failNext("pread", -ENOMEM);
    EXPECT_EQ(status("/sub/x"), 500u);
    EXPECT_TRUE(host.logged("/sub/.htaccess: cannot be read: Cannot allocate memory"));
    EXPECT_EQ(status("/sub/x"), 403u);
}

TEST_F(HtaccessFolders, ClosesAFolderWithAFileThatIsTooLarge) {
    load(std::string(256 * 1024 + 1, '#'));
    EXPECT_EQ(status("/"), 500u);
    EXPECT_TRUE(host.logged("is no file of at most 256 KiB"));
}

}  // namespace
}  // namespace turnpike::rewrite
