#include "config/read_files.h"

#include <fnmatch.h>

#include <algorithm>

#include "config/apply.h"
#include "config/paths.h"
#include "config/suggest.h"

namespace turnpike::config {
namespace {

constexpr size_t kDeepest = 8;

class Reader {
 public:
    Reader(const Files& files, const Machine& machine, std::vector<Problem>& problems)
        : disk_(files), machine_(machine), problems_(problems) {}

    void read(const std::string& name, const Position& included_at) {
        File file{name, absolutePath(name, "", machine_.working_folder), {}};
        if (!mayRead(file, included_at)) return;
        open_.push_back(file.path);
        auto text = disk_.read(file.path);
        Problem problem;
        if (!text)
            problems_.push_back({included_at, "cannot read " + text.error().text});
        else if (!parseDocument(*text, name, &file.root, &problem))
            problems_.push_back(problem);
        std::vector<RawKey> keys = fileKeysOf(file);
        files_.push_back(std::move(file));
        include(keys, name);
        open_.pop_back();
    }

    std::vector<File> take() { return std::move(files_); }

 private:
    bool mayRead(const File& file, const Position& at) {
        bool is_open = std::find(open_.begin(), open_.end(), file.path) != open_.end();
        bool is_known =
            std::any_of(files_.begin(), files_.end(), [&](const File& f) { return f.path == file.path; });
        if (is_open)
            problems_.push_back(
                {at, file.name + " includes itself" + (open_.back() == file.path ? "" : chain(file.path))});
        else if (is_known)
            problems_.push_back({at, file.name + " is included twice"});
        else if (open_.size() > kDeepest)
            problems_.push_back({at, "files include each other more than " + std::to_string(kDeepest) + " deep"});
        else
            return true;
        return false;
    }

    std::string chain(const std::string& path) const {
        std::string to = " by way of";
        bool is_inside = false;
        for (const std::string& open : open_) {
            if (is_inside) to += " " + open;
            if (open == path) is_inside = true;
        }
        return to;
    }

    /// What stands at the top of a file, outside of sections.
    std::vector<RawKey> fileKeysOf(const File& file) {
        std::vector<RawKey> keys;
        for (const Member& member : file.root.members) {
            if (member.name == "server" || member.name == "limits" || member.name == "site") continue;
            if (isUnknownSection(member, {"server", "limits", "site", "include"}, problems_)) continue;
            RawKey key;
            if (makeRawKey(member, &key, problems_)) keys.push_back(std::move(key));
        }
        return keys;
    }

    void include(const std::vector<RawKey>& keys, const std::string& name) {
        FileKeys own;
        const Position whole_file{name, 0, 0};
        BindScope scope{"at the top of the file", whole_file, {"server", "limits", "site"}, belongsElsewhere};
        apply(own, fileKeys(), scope, keys, machine_, problems_);
        for (const RawKey& key : keys)
            if (key.name == "include")
                for (const std::string& pattern : own.include) includeOne(pattern, name, key.at);
    }

    void includeOne(const std::string& pattern, const std::string& from, const Position& at) {
        size_t slash = pattern.rfind('/');
        std::string last = slash == std::string::npos ? pattern : pattern.substr(slash + 1);
        std::string folder = slash == std::string::npos ? "" : pattern.substr(0, slash + 1);
        if (folder.find_first_of("*?[") != std::string::npos) {
            problems_.push_back({at, quoted(pattern) + ": only the last part may hold a wildcard"});
        } else if (last.find_first_of("*?[") == std::string::npos) {
            read(beside(from, pattern), at);
        } else {
            for (const std::string& name : matches(beside(from, folder), last, at))
                read(beside(from, folder + name), at);
        }
    }

    /// The name of a file that `from` names `path`.
    static std::string beside(const std::string& from, const std::string& path) {
        if (path.starts_with('/') || from.find('/') == std::string::npos) return path;
        return from.substr(0, from.rfind('/') + 1) + path;
    }

    std::vector<std::string> matches(const std::string& folder, const std::string& pattern, const Position& at) {
        auto names = disk_.names(absolutePath(folder, "", machine_.working_folder));
        std::vector<std::string> to;
        if (!names) {
            // No file matches a wildcard in a folder that is not there.
            if (names.error().code != ENOENT) problems_.push_back({at, "cannot read " + names.error().text});
            return to;
        }
        for (const std::string& name : *names)
            if (::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0) to.push_back(name);
        std::sort(to.begin(), to.end());
        return to;
    }

    const Files& disk_;
    const Machine& machine_;
    std::vector<Problem>& problems_;
    std::vector<File> files_;
    std::vector<std::string> open_;  // the chain of files being read
};

}  // namespace

std::vector<File> readFiles(const std::string& name, const Files& files, const Machine& machine,
                            std::vector<Problem>& problems) {
    Reader reader(files, machine, problems);
    reader.read(name, {});
    return reader.take();
}

}  // namespace turnpike::config
