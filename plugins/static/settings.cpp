#include "settings.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <utility>

namespace turnpike::static_files {
namespace {

uint64_t natural(const tp_host& host, const tp_setup& setup, const char* key) {
    const int64_t value = host.config_integer(&setup, key);
    if (value < 0) throw Refused(key, "must not be negative");
    return static_cast<uint64_t>(value);
}

// A field's value that is good for start(): visible ASCII and spaces.
std::string fieldValue(const tp_host& host, const tp_setup& setup, const char* key) {
    std::string value(text(host.config_string(&setup, key)));
    if (!std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; }))
        throw Refused(key, "may hold visible ASCII characters and spaces only");
    return value;
}

bool isRead(const tp_host& host, const tp_setup& setup) {
    const std::string_view way = text(host.config_string(&setup, "send"));
    if (way != "sendfile" && way != "read")
        throw Refused("send", "must be \"sendfile\" or \"read\", not \"" + std::string(way) + "\"");
    return way == "read";
}

std::vector<std::string> indexNames(const tp_host& host, const tp_setup& setup) {
    const tp_str* names = nullptr;
    const size_t count = host.site_index(&setup, &names);
    std::vector<std::string> index;
    for (size_t i = 0; i < count; ++i) index.emplace_back(text(names[i]));
    return index;
}

// Null when it cannot be read, with errno. All instances of a configuration share it: for each of thousands of
// sites a table of its own would be 200 KiB and a millisecond. The next configuration loads a copy of this plugin
// of its own, or comes when these are gone, and reads the file again. Start-up: an ordinary stream, no request
// pays for it.
std::shared_ptr<const FileTypes> fileTypes(const std::string& path) {
    static std::map<std::string, std::weak_ptr<const FileTypes>> all;
    std::weak_ptr<const FileTypes>& known = all[path];
    if (auto types = known.lock()) return types;
    std::ifstream file(path);
    if (!file) return nullptr;
    auto types = std::make_shared<const FileTypes>(readTypes(file));
    known = types;
    return types;
}

void setFileTypes(const tp_host& host, const tp_setup& setup, MimeTypes& types) {
    const std::string path(text(host.config_string(&setup, "mime_types")));
    if (path.empty()) return;
    auto known = fileTypes(path);
    // The default need not be there: a machine without it still has the compiled table.
    if (known == nullptr && host.config_is_set(&setup, "mime_types") != 0)
        throw Refused("mime_types", "cannot read \"" + path + "\": " + std::strerror(errno));
    types.setFile(std::move(known));
}

MimeTypes mimeTypes(const tp_host& host, const tp_setup& setup) {
    MimeTypes types;
    const tp_field* items = nullptr;
    const size_t count = host.config_map(&setup, "types", &items);
    for (size_t i = 0; i < count; ++i)
        if (!types.set(text(items[i].name), text(items[i].value)))
            throw Refused("types",
                          "\"" + std::string(text(items[i].value)) + "\" is no media type, write text/plain");
    setFileTypes(host, setup, types);
    types.setCharset(fieldValue(host, setup, "charset"));
    return types;
}

}  // namespace

Settings::Settings(const tp_host& host, const tp_setup& setup)
    : autoindex(host.config_integer(&setup, "autoindex") != 0),
      precompressed(host.config_integer(&setup, "precompressed") != 0),
      read(isRead(host, setup)),
      memory_file(natural(host, setup, "memory_file")),
      memory_total(natural(host, setup, "memory_total")),
      open_files(natural(host, setup, "open_files")),
      cache_control(fieldValue(host, setup, "cache_control")),
      index(indexNames(host, setup)),
      types(mimeTypes(host, setup)) {}

}  // namespace turnpike::static_files
