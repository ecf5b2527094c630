// folder.h - the files of the bed, in a folder of its own that only its owner and the workers of the servers under
// test may enter. Nothing outside of it is written.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/privileges.h"

namespace turnpike::measure {

class BedFolder {
 public:
    /// A new folder in $TMPDIR or /tmp that is removed with this object. `workers`: who may enter it besides the
    /// caller; nobody when absent.
    static Result<BedFolder> make(const std::optional<os::Identity>& workers);
    /// `path`, which must be empty or missing, and which stays.
    static Result<BedFolder> makeKept(const std::string& path, const std::optional<os::Identity>& workers);

    BedFolder(BedFolder&& other) noexcept;
    BedFolder& operator=(BedFolder&& other) noexcept;
    ~BedFolder();

    /// Lets every user go through to what lies in it, though none may list it: programs of a site with a user of
    /// its own are neither the caller nor the workers.
    Result<bool> letThrough() const;

    /// Absolute.
    const std::string& path() const { return path_; }
    std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
    BedFolder(std::string path, bool is_kept) : path_(std::move(path)), is_kept_(is_kept) {}
    std::string path_;
    bool is_kept_ = false;
};

/// One folder, mode 0755 whatever the umask; that it is there already is fine.
Result<bool> makeFolder(const std::string& path);
/// A new file with that mode, whatever the umask; one that is there is replaced.
Result<bool> writeFile(const std::string& path, std::string_view text, unsigned mode = 0644);
Result<bool> copyFile(const std::string& from, const std::string& to, unsigned mode = 0644);
/// Gives the folder or file to `who`; nothing is done when absent.
Result<bool> giveTo(const std::optional<os::Identity>& who, const std::string& path);

}  // namespace turnpike::measure
