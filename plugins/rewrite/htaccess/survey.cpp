#include "survey.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>

#include "parser.h"

namespace turnpike::rewrite::htaccess {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostFolders = 100'000;
constexpr unsigned kDeepest = 64;

class Survey {
 public:
    explicit Survey(const std::string& root) : root_(root) { waiting_.push_back({root, 0}); }

    std::vector<Finding> run() {
        for (size_t looked_at = 0; !waiting_.empty(); ++looked_at) {
            const Folder folder = std::move(waiting_.back());
            waiting_.pop_back();
            if (looked_at == kMostFolders) {
                note({folder.path + "/", "and others are not looked at: the site has more than 100000 folders"});
                break;
            }
            look(folder);
        }
        std::ranges::sort(findings_, {}, [](const Finding& finding) { return *finding.place.file; });
        return std::move(findings_);
    }

 private:
    struct Folder {
        std::string path;
        unsigned depth;
    };
    struct Closed {
        std::string path, why;
        unsigned line = 0;
    };

    void note(Closed closed) {
        auto file = std::make_shared<const std::string>(std::move(closed.path));
        findings_.push_back({{std::move(file), closed.line}, std::move(closed.why)});
    }

    void look(const Folder& folder) {
        std::error_code error;
        fs::directory_iterator at(folder.path, error);
        for (; !error && at != fs::directory_iterator(); at.increment(error)) {
            const std::string path = at->path();
            const fs::file_type type = at->symlink_status(error).type();
            if (at->path().filename() == kFileName)
                read(path, type == fs::file_type::symlink);
            else if (type == fs::file_type::directory && folder.depth == kDeepest)
                note({path + "/", "is not looked at: 64 folders stand above it"});
            else if (type == fs::file_type::directory)
                waiting_.push_back({path, folder.depth + 1});
        }
        if (error) note({folder.path + "/", "cannot be looked at: " + error.message()});
    }

    void read(const std::string& path, bool is_link) {
        std::error_code error;
        const std::string real = is_link ? fs::canonical(path, error).string() : path;
        const std::string root = is_link && !error ? fs::canonical(root_, error).string() + "/" : std::string();
        if (error) return note({path, "cannot be read: " + error.message()});
        if (!real.starts_with(root))
            return note({path, "cannot be read: it is a link that leads out of the site's root"});
        const bool is_file = fs::is_regular_file(real, error);
        std::ifstream file(real, std::ios::binary);
        if (is_file && !file) return note({path, "cannot be read: " + std::generic_category().message(errno)});
        if (!is_file) return note({path, kNoFile});
        std::string content(kLargestFile + 1, '\0');
        file.read(content.data(), static_cast<std::streamsize>(content.size()));
        content.resize(static_cast<size_t>(file.gcount()));
        const File parsed = parse(content, path);
        if (!parsed.error.empty()) note({path, parsed.error.substr(parsed.place.size() + 2), parsed.line});
    }

    const std::string& root_;
    std::vector<Folder> waiting_;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> survey(const std::string& root) { return Survey(root).run(); }

}  // namespace turnpike::rewrite::htaccess
