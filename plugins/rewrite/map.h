// map.h - from one text to another, as the config or a file lists them. Never changed after configure().
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>

namespace turnpike::rewrite {

class Map {
 public:
    /// False: `key` is there already.
    bool add(std::string key, std::string value) {
        return values_.emplace(std::move(key), std::move(value)).second;
    }
    /// Lines "KEY VALUE", empty ones and those that begin with "#" skipped. Throws std::invalid_argument with the
    /// line.
    void addLines(std::string_view content, const std::string& file);
    /// Null: no such key.
    const std::string* find(std::string_view key) const;
    bool isEmpty() const { return values_.empty(); }

 private:
    std::unordered_map<std::string, std::string> values_;
};

/// The content of a file of the administrator's. Throws std::invalid_argument.
std::string readMapFile(const std::string& path);

}  // namespace turnpike::rewrite
