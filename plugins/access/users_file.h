// users_file.h - the file of users, read once when the plugin is configured.
#pragma once
#include <string>

namespace turnpike::access {

struct UsersFile {
    std::string content;
    bool is_readable_by_all = false;
};

/// Throws std::invalid_argument: a relative path, a file that cannot be read, that others may change, or that lies
/// below `root` (which may be empty) where it could be sent.
UsersFile readUsersFile(const std::string& path, const std::string& root);

}  // namespace turnpike::access
