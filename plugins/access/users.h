// users.h - names and hashes of a file in the format of htpasswd. Never changed once it was read.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace turnpike::access {

class Users {
 public:
    /// `content` of the file at `path`. Throws std::invalid_argument with file, line and reason.
    Users(const std::string& path, std::string_view content);
    Users() = default;

    bool isEmpty() const { return hashes_.empty(); }

    struct Lookup {
        const std::string& hash;  // to be verified in either case
        bool is_known;
    };
    /// A name that nobody has gets the hash of somebody, always the same one, so that refusing it takes the time
    /// that a name takes which somebody has.
    Lookup find(std::string_view name) const;

 private:
    std::map<std::string, std::string, std::less<>> hashes_;
};

}  // namespace turnpike::access
