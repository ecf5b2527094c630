// paths.h - which part of a site is guarded. Pure; any thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::access {

class Paths {
 public:
    /// Adds "/admin", which means that path and all below it; "/admin/" is the same. What is wrong with it, or
    /// empty.
    std::string add(std::string_view path);

    /// `path`: decoded and normalised, as the host tells it. Without any path everything is covered.
    bool cover(std::string_view path) const;

 private:
    std::vector<std::string> paths_;  // without a slash at the end; "/" is empty
};

}  // namespace turnpike::access
