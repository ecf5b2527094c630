#include "paths.h"

#include <algorithm>

namespace turnpike::access {
namespace {

// A path that a request can never have would guard nothing.
bool isNormal(std::string_view path) {
    if (!path.starts_with('/')) return false;
    const std::string with_end = std::string(path) + "/";
    return path.find("//") == std::string_view::npos && with_end.find("/./") == std::string::npos &&
           with_end.find("/../") == std::string::npos && path.find_first_of("%?#") == std::string_view::npos;
}

}  // namespace

std::string Paths::add(std::string_view path) {
    if (!isNormal(path))
        return "\"" + std::string(path) +
               "\" is no plain path: write /admin, decoded, without \"//\", \".\", \"..\" or a query";
    if (path.ends_with('/')) path.remove_suffix(1);
    paths_.emplace_back(path);
    return "";
}

bool Paths::cover(std::string_view path) const {
    return paths_.empty() || std::ranges::any_of(paths_, [path](const std::string& guarded) {
               return path.starts_with(guarded) && (path.size() == guarded.size() || path[guarded.size()] == '/');
           });
}

}  // namespace turnpike::access
