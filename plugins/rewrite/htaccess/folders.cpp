#include "folders.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "parser.h"

namespace turnpike::rewrite::htaccess {
namespace {

// When there is more, everything is forgotten and read again as it is asked for.
constexpr size_t kMostFolders = 10'000;
constexpr uint64_t kMostBytes = uint64_t{8} * 1024 * 1024;
constexpr size_t kMostNames = 1000;

/// Nothing can be opened at that place, by nobody. Other errors say nothing of what is there.
bool isNoFolder(int32_t error) {
    return error == -ENOENT || error == -ENOTDIR || error == -ELOOP || error == -EXDEV || error == -ENAMETOOLONG;
}

}  // namespace

Way Folders::find(tp_request* request, std::string_view path, std::string_view root) {
    if (known_.size() > kMostFolders || bytes_ > kMostBytes) {
        known_.clear();
        bytes_ = 0;
    }
    Walk walk{request, root};
    for (size_t end = 0; enter(walk, path.substr(0, end));) {
        walk.way.folder_size = std::min(end + 1, path.size());
        if (end + 1 >= path.size()) break;
        // The last part counts as well: it may be a folder that was asked for without its slash.
        end = std::min(path.find('/', end + 1), path.size());
    }
    return std::move(walk.way);
}

/// False: there is no such folder, or what is there cannot be known and closes it.
bool Folders::enter(Walk& walk, std::string_view here) {
    const auto found = walk.keeps ? known_.find(here) : known_.end();
    if (found == known_.end()) return enterNew(walk, here);
    walk.parent = found->second.get();
    addStep(walk, *found->second);
    return true;
}

bool Folders::enterNew(Walk& walk, std::string_view here) {
    const std::string_view name = here.substr(here.rfind('/') + 1);
    if (walk.parent != nullptr && walk.parent->no_folders.contains(name)) return false;
    const std::string path(here);
    const Opened opened = open(walk, path + "/");
    if (opened.fd < 0) {
        if (!isMissing(walk, here, opened)) {
            const std::string why = std::string("cannot be looked at: ") + std::strerror(-opened.fd);
            File closed = closedFile(std::string(walk.root) + path + "/", why);
            walk.way.steps.push_back({path + "/", std::make_shared<const File>(std::move(closed))});
        }
        return false;
    }
    auto folder = std::make_unique<Folder>(*this, path);
    Folder& itself = *folder;
    // Watched before it is read: a change in between is told.
    folder->watch = watch(walk, opened, *folder);
    io_.close(walk.request, opened.fd, TP_CLASS_FILE);
    walk.keeps = folder->watch != nullptr;
    walk.parent = walk.keeps ? folder.get() : nullptr;
    if (walk.keeps) known_.emplace(path, std::move(folder));
    addStep(walk, itself);
    return true;
}

/// Notes it where the parent would tell that the name has become a folder.
bool Folders::isMissing(Walk& walk, std::string_view here, const Opened& opened) const {
    if (walk.parent != nullptr && !opened.is_linked && (opened.fd == -ENOENT || opened.fd == -ENOTDIR)) {
        auto& names = walk.parent->no_folders;
        if (names.size() >= kMostNames) names.clear();
        names.emplace(here.substr(here.rfind('/') + 1));
    }
    return isNoFolder(opened.fd);
}

Folders::Opened Folders::open(const Walk& walk, const std::string& path) const {
    Opened opened{io_.open(walk.request, str(path), TP_OPEN_DIRECTORY | TP_OPEN_UNLINKED, nullptr)};
    opened.is_linked = opened.fd == -ELOOP;
    if (opened.is_linked) opened.fd = io_.open(walk.request, str(path), TP_OPEN_DIRECTORY, nullptr);
    // To be watched it must be opened for reading. Where that is refused, its files may be there all the same.
    opened.may_read = opened.fd != -EACCES;
    if (!opened.may_read) opened.fd = io_.open(walk.request, str(path), TP_OPEN_SCRIPT, nullptr);
    return opened;
}

/// Null: it is not kept. What a link leads to can change without a word to the folder that holds the link.
tp_folder_watch* Folders::watch(const Walk& walk, const Opened& opened, Folder& folder) {
    if (!walk.keeps || opened.is_linked) return nullptr;
    int32_t error = -EACCES;
    if (opened.may_read)
        if (auto* watch = folders_.watch(walk.request, opened.fd, changed, &folder, &error)) return watch;
    if (!std::exchange(has_warned_, true)) {
        const std::string why = "the folder " + std::string(walk.root) + folder.path + "/ cannot be watched (" +
                                std::strerror(-error) +
                                "): its .htaccess is read for each request; see fs.inotify.max_user_watches and "
                                "max_user_instances";
        host_.log_request(walk.request, TP_LOG_WARN, str(why));
    }
    return nullptr;
}

void Folders::addStep(Walk& walk, Folder& folder) {
    if (!folder.is_read) read(walk, folder);
    if (folder.file) walk.way.steps.push_back({folder.path + "/", folder.file});
}

void Folders::read(const Walk& walk, Folder& folder) {
    const std::string path = folder.path + "/" + kFileName, shown = std::string(walk.root) + path;
    tp_file state{};
    state.struct_size = sizeof state;
    const bool is_kept = folder.watch != nullptr;
    int32_t fd = io_.open(walk.request, str(path),
                          is_kept ? TP_OPEN_SETTINGS | TP_OPEN_UNLINKED : TP_OPEN_SETTINGS, &state);
    const bool is_link = is_kept && fd == -ELOOP;
    if (is_link) fd = io_.open(walk.request, str(path), TP_OPEN_SETTINGS, &state);
    folder.file = nullptr;
    if (fd == -ENOENT && !is_link) return static_cast<void>(folder.is_read = true);
    // What a link leads to may change unseen, and what failed for the moment may not fail again: read for each
    // request.
    bool is_known = !is_link && (fd >= 0 || fd == -EACCES);
    File file = fd < 0 ? closedFile(shown, std::string("cannot be read: ") + std::strerror(-fd))
                       : readFile(walk, fd, state, shown, is_known);
    if (!file.error.empty())
        host_.log_request(walk.request, TP_LOG_ERROR, str("the folder is closed: " + file.error));
    folder.file = std::make_shared<const File>(std::move(file));
    folder.is_read = is_known;
}

File Folders::readFile(const Walk& walk, int32_t fd, const tp_file& state, const std::string& shown,
                       bool& is_known) {
    std::string content;
    const bool is_file = state.type == TP_FILE_REGULAR && state.size <= kLargestFile;
    int64_t got = is_file ? 1 : 0;
    while (got > 0 && content.size() <= kLargestFile) {
        char buffer[8192];
        got = io_.pread(walk.request, fd, buffer, sizeof buffer, content.size());
        if (got > 0) content.append(buffer, static_cast<size_t>(got));
    }
    io_.close(walk.request, fd, TP_CLASS_FILE);
    bytes_ += content.size();
    is_known = is_known && got >= 0;
    if (got < 0) return closedFile(shown, std::string("cannot be read: ") + std::strerror(static_cast<int>(-got)));
    return is_file ? parse(content, shown) : closedFile(shown, kNoFile);
}

/// [loop] Any name may have been a link to a folder, or become one.
void Folders::changed(void* arg, uint32_t what, tp_str name) {
    auto& folder = *static_cast<Folder*>(arg);
    Folders& self = folder.owner;
    if (what == TP_FOLDER_GONE) {
        const std::string path = folder.path;  // goes with the folder
        return self.forget(path);
    }
    const std::string changed_name(text(name));
    if (changed_name == kFileName) folder.is_read = false;
    folder.no_folders.erase(changed_name);
    self.forget(folder.path + "/" + changed_name);
}

void Folders::forget(const std::string& path) {
    const std::string below = path + "/";
    auto at = known_.lower_bound(below);
    while (at != known_.end() && at->first.starts_with(below)) at = known_.erase(at);
    if (const auto itself = known_.find(path); itself != known_.end()) known_.erase(itself);
}

}  // namespace turnpike::rewrite::htaccess
