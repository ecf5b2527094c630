// folders.h - the .htaccess files of a site, each read once and again when its folder has changed. One worker's;
// loop.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
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

class Folders {
 public:
    Folders(const tp_host& host, const tp_io& io, const tp_folders& folders)
        : host_(host), io_(io), folders_(folders) {}
    ~Folders();
    Folders(const Folders&) = delete;
    Folders& operator=(const Folders&) = delete;

    /// `path`: as the view of the request has it. Calls the kernel only for folders that are not known yet.
    Way find(tp_request* request, std::string_view path, std::string_view root);

 private:
    struct Folder {
        Folders* owner;
        std::string path;  // with a slash at its end
        tp_folder_watch* watch = nullptr;
        bool is_read = false;
        std::shared_ptr<const File> file;
        std::unordered_set<std::string> no_folders;  // names in it that are none
    };
    Folder* open(tp_request* request, const std::string& path, Folder* parent, std::string_view name);
    void read(tp_request* request, Folder& folder, std::string_view root);
    File readFile(tp_request* request, const std::string& path, const std::string& shown, bool* is_there);
    static void changed(void* arg, uint32_t what, tp_str name);
    /// Forgets the folder `path` and all below it.
    void forget(const std::string& path);
    void forgetAll();

    const tp_host& host_;
    const tp_io& io_;
    const tp_folders& folders_;
    std::unordered_map<std::string, std::unique_ptr<Folder>> known_;
    bool has_warned_ = false;
};

}  // namespace turnpike::rewrite::htaccess
