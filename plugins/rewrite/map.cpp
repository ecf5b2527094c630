#include "map.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "sdk/support/lists.h"

namespace turnpike::rewrite {

void Map::addLines(std::string_view content, const std::string& file) {
    for (size_t number = 1; !content.empty(); ++number) {
        std::string_view line = content.substr(0, content.find('\n'));
        content.remove_prefix(line.size() < content.size() ? line.size() + 1 : content.size());
        if (line.ends_with('\r')) line.remove_suffix(1);
        line = support::trim(line);
        if (line.empty() || line.starts_with('#')) continue;
        const size_t end = line.find_first_of(" \t");
        const std::string at = "\"" + file + "\" line " + std::to_string(number) + ": ";
        if (end == std::string_view::npos)
            throw std::invalid_argument(at + "a key without a value: write KEY VALUE");
        const std::string_view value = support::trim(line.substr(end));
        if (!add(std::string(line.substr(0, end)), std::string(value)))
            throw std::invalid_argument(at + "\"" + std::string(line.substr(0, end)) + "\" stands there twice");
    }
}

const std::string* Map::find(std::string_view key) const {
    const auto found = values_.find(std::string(key));
    return found != values_.end() ? &found->second : nullptr;
}

std::string readMapFile(const std::string& path) {
    if (!path.starts_with('/')) throw std::invalid_argument("\"" + path + "\" must be an absolute path");
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::invalid_argument("cannot read \"" + path + "\": " + std::strerror(errno));
    std::string content(std::istreambuf_iterator<char>(file), {});
    if (file.bad()) throw std::invalid_argument("cannot read \"" + path + "\": it is no file");
    return content;
}

}  // namespace turnpike::rewrite
