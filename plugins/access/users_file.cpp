#include "users_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace turnpike::access {
namespace {

namespace fs = std::filesystem;

bool isBelow(const fs::path& path, const fs::path& folder) {
    const fs::path way = path.lexically_relative(folder);
    return !way.empty() && *way.begin() != "..";
}

// As it is written, and where links lead: either could be served.
bool isServed(const fs::path& path, const fs::path& root) {
    std::error_code error;
    const fs::path written = path.lexically_normal(), real = fs::weakly_canonical(path, error);
    const fs::path real_root = fs::weakly_canonical(root, error);
    return isBelow(written, root) || isBelow(written, real_root) || isBelow(real, real_root);
}

}  // namespace

UsersFile readUsersFile(const std::string& path, const std::string& root) {
    if (!path.starts_with('/')) throw std::invalid_argument("\"" + path + "\" must be an absolute path");
    if (!root.empty() && isServed(path, root))
        throw std::invalid_argument("\"" + path +
                                    "\" lies below the site's root, where it could be sent: move it");
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!error && fs::exists(status) && !fs::is_regular_file(status))
        throw std::invalid_argument("\"" + path + "\" is no file");
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::invalid_argument("cannot read \"" + path + "\": " + std::strerror(errno) +
                                    " (for the user that the workers run as)");
    const fs::perms others = status.permissions();
    if ((others & (fs::perms::group_write | fs::perms::others_write)) != fs::perms::none)
        throw std::invalid_argument("group or others may write to \"" + path +
                                    "\", and so let themselves in: chmod go-w");
    UsersFile read;
    read.content.assign(std::istreambuf_iterator<char>(file), {});
    read.is_readable_by_all = (others & fs::perms::others_read) != fs::perms::none;
    return read;
}

}  // namespace turnpike::access
