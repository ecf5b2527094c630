// folders.h - the .htaccess files of a site, each read once and again when its folder has changed. One worker's;
// loop.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model.h"
#include "sdk/plugin.hpp"
#include "sdk/services.h"

namespace turnpike::rewrite::htaccess {

/// What holds for a path: the files of its folders, from the root on, and where its folders end.
struct Way {
    struct Step {
        std::string folder;  // URL path, with a slash at its end
        std::shared_ptr<const File> file;
    };
    std::vector<Step> steps;  // folders with a file
    size_t folder_size = 0;   // how much of the path is folders that exist
};

/// A folder is kept while the kernel tells of its changes and of those of all folders above it. One that is
/// reached by a symbolic link, or cannot be watched, and what lies below it are looked at for each request.
class Folders {
 public:
    Folders(const tp_host& host, const tp_io& io, const tp_folders& folders)
        : host_(host), io_(io), folders_(folders) {}
    Folders(const Folders&) = delete;
    Folders& operator=(const Folders&) = delete;

    /// `path`: as the view of the request has it. Calls the kernel only for what is not kept.
    Way find(tp_request* request, std::string_view path, std::string_view root);

 private:
    struct Folder {
        Folder(Folders& whose, std::string where) : owner(whose), path(std::move(where)) {}
        ~Folder() {
            if (watch != nullptr) owner.folders_.unwatch(watch);
        }
        Folder(const Folder&) = delete;
        Folder& operator=(const Folder&) = delete;

        Folders& owner;
        std::string path;  // empty: the root; otherwise without a slash at its end
        tp_folder_watch* watch = nullptr;
        bool is_read = false;
        std::shared_ptr<const File> file;
        std::set<std::string, std::less<>> no_folders;  // names in it that are none
    };
    /// From the root to the folder of a request.
    struct Walk {
        tp_request* request;
        std::string_view root;
        Way way = {};
        Folder* parent = nullptr;  // null at the root, and below what is not kept
        bool keeps = true;
    };
    struct Opened {
        int32_t fd;
        bool is_linked = false, may_read = true;
    };

    bool enter(Walk& walk, std::string_view here);
    bool enterNew(Walk& walk, std::string_view here);
    bool isMissing(Walk& walk, std::string_view here, const Opened& opened) const;
    Opened open(const Walk& walk, const std::string& path) const;
    tp_folder_watch* watch(const Walk& walk, const Opened& opened, Folder& folder);
    void addStep(Walk& walk, Folder& folder);
    void read(const Walk& walk, Folder& folder);
    File readFile(const Walk& walk, int32_t fd, const tp_file& state, const std::string& shown, bool& is_known);
    static void changed(void* arg, uint32_t what, tp_str name);
    /// Forgets the folder `path` and all below it.
    void forget(const std::string& path);

    const tp_host& host_;
    const tp_io& io_;
    const tp_folders& folders_;
    std::map<std::string, std::unique_ptr<Folder>, std::less<>> known_;  // by their paths
    uint64_t bytes_ = 0;  // of files, read since everything was forgotten
    bool has_warned_ = false;
};

}  // namespace turnpike::rewrite::htaccess
