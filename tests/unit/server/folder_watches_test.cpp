// What plugins are told of folders, by the real kernel.
#include "server/folder_watches.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "os/file.h"
#include "support/temp_folder.h"

namespace turnpike::server {
namespace {

class FolderWatch : public testing::Test {
 protected:
    FolderWatch() : loop(std::move(*net::EventLoop::create())), watches(*loop) {}
    tp_folder_watch* watch(const std::string& name, std::vector<std::string>* to) {
        const int fd = os::open(folder.path() + name, O_RDONLY | O_DIRECTORY, 0, os::Class::File);
        int32_t error = 0;
        tp_folder_watch* one = watches.add(fd, note, to, &error);
        EXPECT_NE(one, nullptr) << error;
        os::close(fd, os::Class::File);
        return one;
    }
    static void note(void* to, uint32_t what, tp_str name) {
        auto& list = *static_cast<std::vector<std::string>*>(to);
        const std::string text = what == TP_FOLDER_GONE ? "gone" : std::string(name.ptr, name.len);
        if (list.empty() || list.back() != text) list.push_back(text);
    }
    /// Until what is told holds `text`, at most ten seconds.
    bool hears(const std::vector<std::string>& list, const std::string& text) {
        struct Wait {
            net::EventLoop& loop;
            const std::vector<std::string>& list;
            const std::string& text;
            int left = 2000;
            net::Timer timer{[](void* self) { static_cast<Wait*>(self)->look(); }, this};
            bool isThere() const { return std::find(list.begin(), list.end(), text) != list.end(); }
            void look() {
                if (isThere() || --left == 0) return loop.stop();
                loop.arm(timer, 5);
            }
        } wait{*loop, list, text};
        loop->arm(wait.timer, 1);
        loop->run();
        return wait.isThere();
    }

    TempFolder folder;
    std::unique_ptr<net::EventLoop> loop;
    FolderWatches watches;
};

TEST_F(FolderWatch, TellsOfNamesThatComeChangeAndGo) {
    std::vector<std::string> told;
    tp_folder_watch* one = watch("", &told);
    folder.write(".htaccess", "x");
    EXPECT_TRUE(hears(told, ".htaccess"));
    std::filesystem::create_directory(folder.path() + "/sub");
    EXPECT_TRUE(hears(told, "sub"));
    told.clear();
    std::filesystem::rename(folder.path() + "/.htaccess", folder.path() + "/other");
    EXPECT_TRUE(hears(told, "other"));
    EXPECT_EQ(told.front(), ".htaccess");
    watches.remove(one);
}

TEST_F(FolderWatch, TellsAllThatWatchTheSameFolderUntilTheyGiveItBack) {
    std::vector<std::string> first, second;
    tp_folder_watch *one = watch("", &first), *two = watch("", &second);
    folder.write("a", "x");
    EXPECT_TRUE(hears(first, "a"));
    EXPECT_TRUE(hears(second, "a"));
    watches.remove(one);
    folder.write("b", "x");
    EXPECT_TRUE(hears(second, "b"));
    EXPECT_EQ(first, std::vector<std::string>{"a"});
    watches.remove(two);
}

TEST_F(FolderWatch, TellsThatAFolderIsGone) {
    std::filesystem::create_directories(folder.path() + "/sub");
    std::filesystem::create_directories(folder.path() + "/moved");
    std::vector<std::string> removed, moved;
    tp_folder_watch *one = watch("/sub", &removed), *two = watch("/moved", &moved);
    std::filesystem::remove(folder.path() + "/sub");
    std::filesystem::rename(folder.path() + "/moved", folder.path() + "/away");
    EXPECT_TRUE(hears(removed, "gone"));
    EXPECT_TRUE(hears(moved, "gone"));
    watches.remove(one);
    watches.remove(two);
}

}  // namespace
}  // namespace turnpike::server
