#include "config/paths.h"

#include <filesystem>

namespace turnpike::config {

std::string folderOf(std::string_view file) {
    size_t slash = file.rfind('/');
    if (slash == std::string_view::npos) return ".";
    return std::string(file.substr(0, slash == 0 ? 1 : slash));
}

std::string absolutePath(std::string_view path, std::string_view named_in, std::string_view working_folder) {
    // operator/ takes an absolute right side as it is.
    std::filesystem::path whole = std::filesystem::path(working_folder) / folderOf(named_in) / path;
    std::string result = whole.lexically_normal().string();
    while (result.size() > 1 && result.ends_with('/')) result.pop_back();
    return result;
}

}  // namespace turnpike::config
