#include "measure/bed/folder.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "config/paths.h"
#include "os/file.h"
#include "os/local.h"
#include "os/machine.h"

namespace turnpike::measure {
namespace {

constexpr size_t kMostNames = 100'000;
constexpr auto kFile = os::Class::File;

Error failed(const std::string& what, int64_t result) {
    const int code = static_cast<int>(-result);
    return {code, what + ": " + std::strerror(code)};
}

std::string temporaryFolder() {
    const char* chosen = std::getenv("TMPDIR");
    return chosen != nullptr && chosen[0] == '/' ? chosen : "/tmp";
}

/// The workers of a server that root starts are another user: their group may enter, and read what its modes
/// allow.
Result<bool> letIn(const std::optional<os::Identity>& workers, const std::string& path) {
    if (!workers) return true;
    if (int given = os::changeOwner(path, os::ownIdentity().uid, workers->gid); given < 0)
        return failed("cannot give the group of the workers to " + path, given);
    if (int changed = os::changeMode(path, 0750); changed < 0) return failed("cannot open " + path, changed);
    return true;
}

bool isEmpty(const std::string& path) {
    os::Fd folder(os::open(path, O_RDONLY | O_DIRECTORY, 0, kFile), kFile);
    bool is_empty = true;
    if (folder)
        os::listDirectory(
            folder.get(), [&](std::string_view) { return is_empty = false; }, kFile);
    return is_empty;
}

}  // namespace

Result<BedFolder> BedFolder::make(const std::optional<os::Identity>& workers) {
    char name[32];
    std::snprintf(name, sizeof name, "/turnpike-%08x", static_cast<unsigned>(os::randomNumber()));
    const std::string path = temporaryFolder() + name;
    if (int made = os::makeDirectory(path, 0700); made < 0)
        return failed("cannot make the folder " + path + " for the servers under test", made);
    BedFolder folder(path, false);
    if (auto open = letIn(workers, path); !open) return open.error();
    return folder;
}

Result<BedFolder> BedFolder::makeKept(const std::string& path, const std::optional<os::Identity>& workers) {
    const std::string whole = config::absolutePath(path, "", os::currentFolder());
    if (int made = os::makeDirectory(whole, 0700); made < 0 && made != -EEXIST)
        return failed("cannot make the folder " + whole, made);
    if (!isEmpty(whole)) return Error{ENOTEMPTY, whole + " is not empty: name a folder that is, or a new one"};
    BedFolder folder(whole, true);
    if (auto open = letIn(workers, whole); !open) return open.error();
    return folder;
}

BedFolder::BedFolder(BedFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), is_kept_(other.is_kept_) {}

BedFolder& BedFolder::operator=(BedFolder&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(is_kept_, other.is_kept_);
    return *this;
}

BedFolder::~BedFolder() {
    if (path_.empty() || is_kept_) return;
    if (int removed = os::removeTree(path_, kMostNames); removed < 0)
        std::fprintf(stderr, "turnpike: %s\n", failed("cannot remove " + path_, removed).text.c_str());
}

Result<bool> BedFolder::letThrough() const {
    if (int changed = os::changeMode(path_, 0751); changed < 0) return failed("cannot open " + path_, changed);
    return true;
}

Result<bool> makeFolder(const std::string& path) {
    int made = os::makeDirectory(path, 0755);
    if (made < 0 && made != -EEXIST) return failed("cannot make the folder " + path, made);
    if (made == 0) made = os::changeMode(path, 0755);
    return made < 0 && made != -EEXIST ? Result<bool>(failed("cannot open " + path, made)) : true;
}

Result<bool> writeFile(const std::string& path, std::string_view text, unsigned mode) {
    os::removeFile(path);
    os::Fd file(os::open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode, kFile), kFile);
    if (!file) return failed("cannot write " + path, file.get());
    while (!text.empty()) {
        int64_t written = os::write(file.get(), text.data(), text.size(), kFile);
        if (written <= 0) return failed("cannot write " + path, written < 0 ? written : -ENOSPC);
        text.remove_prefix(static_cast<size_t>(written));
    }
    if (int changed = os::changeMode(path, mode); changed < 0) return failed("cannot open " + path, changed);
    return true;
}

Result<bool> copyFile(const std::string& from, const std::string& to, unsigned mode) {
    auto text = os::readFile(from);
    if (!text) return text.error();
    return writeFile(to, *text, mode);
}

Result<bool> giveTo(const std::optional<os::Identity>& who, const std::string& path) {
    if (!who) return true;
    if (int given = os::changeOwner(path, who->uid, who->gid); given < 0)
        return failed("cannot give " + path + " to the workers' user", given);
    return true;
}

}  // namespace turnpike::measure
