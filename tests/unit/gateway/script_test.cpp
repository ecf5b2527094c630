#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "sdk/gateway/gateway.h"
#include "sdk/plugin.hpp"

namespace turnpike::gateway {
namespace {

/// A site in memory behind tp_io.open().
class FakeSite {
 public:
    FakeSite() {
        current() = this;
        io.struct_size = sizeof io;
        io.open = open;
        io.close = [](tp_request*, int, uint32_t) { --current()->open_files; };
    }
    void add(const std::string& path, int32_t type, uint32_t mode = 0644) { files[path] = {type, mode}; }

    tp_io io{};
    int open_files = 0;
    std::vector<std::string> asked;

 private:
    struct File {
        int32_t type;
        uint32_t mode;
    };
    static FakeSite*& current() {
        static FakeSite* site;
        return site;
    }
    static int32_t open(tp_request*, tp_str path, uint32_t how, tp_file* file) {
        FakeSite& self = *current();
        std::string name(text(path));
        EXPECT_EQ(how, TP_OPEN_SCRIPT);
        self.asked.push_back(name);
        auto found = self.files.find(name);
        if (found == self.files.end()) return self.belowAFile(name) ? -ENOTDIR : -ENOENT;
        file->type = found->second.type;
        file->mode = found->second.mode;
        return ++self.open_files;
    }
    bool belowAFile(const std::string& name) const {
        for (const auto& [path, file] : files)
            if (file.type == TP_FILE_REGULAR && name.starts_with(path + "/")) return true;
        return false;
    }
    std::map<std::string, File> files;
};

class ScriptSearch : public testing::Test {
 protected:
    ScriptSearch() {
        site.add("/cgi-bin", TP_FILE_DIRECTORY, 0755);
        site.add("/cgi-bin/hello", TP_FILE_REGULAR, 0755);
        site.add("/cgi-bin/plain", TP_FILE_REGULAR, 0644);
        site.add("/cgi-bin/pipe", TP_FILE_OTHER, 0755);
        site.add("/index.php", TP_FILE_REGULAR);
        site.add("/up.jpg", TP_FILE_REGULAR);
        site.add("/folder.php", TP_FILE_DIRECTORY, 0755);
        site.add("/folder.php/real.php", TP_FILE_REGULAR);
    }
    int find(std::string_view path, const std::vector<std::string>& suffixes, bool needs_execute = false) {
        script = {};
        site.asked.clear();
        int result = findScript(site.io, nullptr, "/srv", path, suffixes, needs_execute, script);
        EXPECT_EQ(site.open_files, 0) << path;
        return result;
    }
    FakeSite site;
    Script script;
};

TEST_F(ScriptSearch, SplitsThePathBehindTheScript) {
    struct Case {
        std::string path, suffix, name, path_info;
    };
    const Case cases[] = {
        {"/cgi-bin/hello", "", "/cgi-bin/hello", ""},
        {"/cgi-bin/hello/", "", "/cgi-bin/hello", "/"},
        {"/cgi-bin/hello/a/b.git/.x", "", "/cgi-bin/hello", "/a/b.git/.x"},
        {"/index.php", ".php", "/index.php", ""},
        {"/index.php/a/b", ".php", "/index.php", "/a/b"},
        {"/index.php/other.php", ".php", "/index.php", "/other.php"},
        {"/folder.php/real.php/x", ".php", "/folder.php/real.php", "/x"},
    };
    for (const Case& c : cases) {
        std::vector<std::string> suffixes;
        if (!c.suffix.empty()) suffixes.push_back(c.suffix);
        EXPECT_EQ(find(c.path, suffixes), 0) << c.path;
        EXPECT_EQ(script.name, c.name);
        EXPECT_EQ(script.path_info, c.path_info);
        EXPECT_EQ(script.filename, "/srv" + c.name);
    }
}

TEST_F(ScriptSearch, NeverTakesAnotherFileForAScript) {
    EXPECT_EQ(find("/up.jpg/x.php", {".php"}), -ENOENT);
    EXPECT_EQ(find("/up.jpg", {".php"}), -ENOENT);
    EXPECT_EQ(find("/folder.php", {".php"}), -ENOENT);
    EXPECT_EQ(find("/folder.php/", {".php"}), -ENOENT);
    EXPECT_EQ(find("/cgi-bin", {}), -ENOENT);
    EXPECT_EQ(find("/cgi-bin/", {}), -ENOENT);
    EXPECT_EQ(find("/cgi-bin/pipe", {}), -ENOENT);
    EXPECT_EQ(find("/", {}), -ENOENT);
    EXPECT_EQ(find("*", {}), -ENOENT);
    EXPECT_EQ(find("/.php", {".php"}), -ENOENT);
}

TEST_F(ScriptSearch, AsksForTheExecuteBitWhereTheScriptItselfRuns) {
    EXPECT_EQ(find("/cgi-bin/plain", {}, true), -EACCES);
    EXPECT_EQ(find("/cgi-bin/plain/info", {}, true), -EACCES);
    EXPECT_EQ(find("/cgi-bin/plain", {}, false), 0);
    EXPECT_EQ(find("/cgi-bin/hello", {}, true), 0);
}

TEST_F(ScriptSearch, LooksUpOneNameForAPlainScript) {
    find("/cgi-bin/hello", {});
    EXPECT_EQ(site.asked.size(), 1u);
    find("/index.php/a/b/c", {".php"});
    EXPECT_EQ(site.asked.size(), 1u);
}

TEST_F(ScriptSearch, EndsAtTheFirstMissingFolder) {
    std::string deep = "/cgi-bin";
    for (int i = 0; i < 1000; ++i) deep += "/none.php";
    find(deep, {});
    EXPECT_LE(site.asked.size(), 3u);
    find(deep, {".php"});
    EXPECT_LE(site.asked.size(), 2u);
}

TEST(ScriptAtPrefix, IsThePrefixWithWhatFollowsAsPathInfo) {
    struct Case {
        const char *prefix, *path, *name, *path_info;
        bool is_taken = true;
    };
    const Case cases[] = {
        {"/git/", "/git/a.git/info/refs", "/git", "/a.git/info/refs"},
        {"/git/", "/git/", "/git", "/"},
        {"/git", "/git", "/git", ""},
        {"/git", "/git/", "/git", "/"},
        {"/git", "/git/.git", "/git", "/.git"},
        {"/git", "/github/x", "", "", false},
        {"/", "/x", "", "/x"},
        {"", "/x", "", "/x"},
        {"/git/", "/elsewhere", "", "/elsewhere"},  // where `try` or a hook has led the request
    };
    for (const Case& c : cases) {
        tp_request_view view{};
        view.path = str(c.path);
        view.route_prefix = str(c.prefix);
        Script script{"kept", "old", "old"};
        EXPECT_EQ(scriptAtPrefix(view, script), c.is_taken) << c.path;
        EXPECT_EQ(script.filename, "kept");
        if (!c.is_taken) continue;
        EXPECT_EQ(script.name, c.name) << c.path;
        EXPECT_EQ(script.path_info, c.path_info) << c.path;
    }
}

TEST_F(ScriptSearch, RefusesWithoutADocumentRoot) {
    EXPECT_EQ(findScript(site.io, nullptr, "", "/index.php", {}, false, script), -ENOENT);
    EXPECT_TRUE(site.asked.empty());
}

}  // namespace
}  // namespace turnpike::gateway
