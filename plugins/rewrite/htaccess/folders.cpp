#include "folders.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "parser.h"

namespace turnpike::rewrite::htaccess {
namespace {

constexpr size_t kMostFolders = 10'000, kMostNames = 1000;
constexpr uint64_t kLargest = 256 * 1024;

}  // namespace

Folders::~Folders() { forgetAll(); }

Way Folders::find(tp_request* request, std::string_view path, std::string_view root) {
    if (known_.size() > kMostFolders) forgetAll();
    Way way;
    Folder* folder = nullptr;
    std::string_view name;
    for (size_t end = 0;;) {
        folder = open(request, std::string(path.substr(0, end)) + "/", folder, name);
        if (folder == nullptr) break;
        way.folder_size = std::min(end + 1, path.size());
        if (!folder->is_read) read(request, *folder, root);
        if (folder->file) way.steps.push_back({folder->path, folder->file});
        // One that cannot be watched is read for each request.
        if (folder->watch == nullptr) folder->is_read = false;
        const size_t begin = end + 1;
        if (begin >= path.size()) break;
        // The last part counts as well: it may be a folder that was asked for without its slash.
        end = std::min(path.find('/', begin), path.size());
        name = path.substr(begin, end - begin);
    }
    return way;
}

/// Null: there is no such folder.
Folders::Folder* Folders::open(tp_request* request, const std::string& path, Folder* parent,
                               std::string_view name) {
    if (const auto found = known_.find(path); found != known_.end()) return found->second.get();
    if (parent != nullptr && parent->no_folders.contains(std::string(name))) return nullptr;
    // To be watched it must be opened for reading; where that is refused, it is known by its name alone.
    int32_t fd = io_.open(request, str(path), TP_OPEN_DIRECTORY, nullptr);
    const bool may_read = fd >= 0;
    if (fd == -EACCES) fd = io_.open(request, str(path), TP_OPEN_SCRIPT, nullptr);
    if (fd < 0) {
        const bool is_sure = parent != nullptr && parent->watch != nullptr && (fd == -ENOENT || fd == -ENOTDIR);
        if (is_sure && parent->no_folders.size() >= kMostNames) parent->no_folders.clear();
        if (is_sure) parent->no_folders.emplace(name);
        return nullptr;
    }
    auto folder = std::make_unique<Folder>(Folder{this, path, nullptr, false, nullptr, {}});
    int32_t error = may_read ? 0 : -EACCES;
    // Watched before it is read: a change in between is told.
    if (may_read) folder->watch = folders_.watch(request, fd, changed, folder.get(), &error);
    io_.close(request, fd, TP_CLASS_FILE);
    if (folder->watch == nullptr && !std::exchange(has_warned_, true)) {
        const std::string why = "the folder " + path + " cannot be watched (" + std::strerror(-error) +
                                "): its .htaccess is read for each request; see fs.inotify.max_user_watches";
        host_.log_request(request, TP_LOG_WARN, str(why));
    }
    return known_.emplace(path, std::move(folder)).first->second.get();
}

void Folders::read(tp_request* request, Folder& folder, std::string_view root) {
    const std::string shown = std::string(root) + folder.path + ".htaccess";
    bool is_there = true;
    File file = readFile(request, folder.path + ".htaccess", shown, &is_there);
    folder.is_read = true;
    folder.file = is_there ? std::make_shared<const File>(std::move(file)) : nullptr;
    if (is_there && !folder.file->error.empty())
        host_.log_request(request, TP_LOG_ERROR, str("the folder is closed: " + folder.file->error));
}

File Folders::readFile(tp_request* request, const std::string& path, const std::string& shown, bool* is_there) {
    File closed;
    closed.path = shown;
    tp_file state{};
    state.struct_size = sizeof state;
    const int32_t fd = io_.open(request, str(path), TP_OPEN_SETTINGS, &state);
    *is_there = fd != -ENOENT && fd != -ENOTDIR;
    if (fd < 0) {
        closed.error = shown + ": cannot be read: " + std::strerror(-fd);
        return closed;
    }
    std::string content;
    bool is_whole = state.type == TP_FILE_REGULAR && state.size <= kLargest;
    while (is_whole) {
        char buffer[8192];
        const int64_t got = io_.pread(request, fd, buffer, sizeof buffer, content.size());
        if (got <= 0) {
            is_whole = got == 0;
            break;
        }
        content.append(buffer, static_cast<size_t>(got));
        if (content.size() > kLargest) is_whole = false;
    }
    io_.close(request, fd, TP_CLASS_FILE);
    if (is_whole) return parse(content, shown);
    closed.error = shown + ": is no file of at most 256 KiB that can be read";
    return closed;
}

/// [loop] Any name may have been a link to a folder, or become one.
void Folders::changed(void* arg, uint32_t what, tp_str name) {
    auto& folder = *static_cast<Folder*>(arg);
    Folders& self = *folder.owner;
    if (what == TP_FOLDER_GONE) {
        const std::string path = folder.path;  // goes with the folder
        return self.forget(path);
    }
    const std::string changed_name(text(name));
    if (changed_name == ".htaccess") folder.is_read = false;
    folder.no_folders.erase(changed_name);
    if (const std::string below = folder.path + changed_name + "/"; self.known_.contains(below))
        self.forget(below);
}

void Folders::forget(const std::string& path) {
    for (auto at = known_.begin(); at != known_.end();) {
        if (!at->first.starts_with(path)) {
            ++at;
            continue;
        }
        if (at->second->watch != nullptr) folders_.unwatch(at->second->watch);
        at = known_.erase(at);
    }
}

void Folders::forgetAll() { forget("/"); }

}  // namespace turnpike::rewrite::htaccess
