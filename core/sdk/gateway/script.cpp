#include <algorithm>
#include <cerrno>

#include "sdk/gateway/gateway.h"
#include "sdk/plugin.hpp"

namespace turnpike::gateway {
namespace {

bool endsInOneOf(std::string_view name, const std::vector<std::string>& suffixes) {
    if (suffixes.empty()) return true;
    return std::any_of(suffixes.begin(), suffixes.end(), [&](const std::string& s) { return name.ends_with(s); });
}

bool isCandidate(std::string_view name, const std::vector<std::string>& suffixes) {
    return !name.empty() && !name.ends_with('/') && endsInOneOf(name, suffixes);
}

/// What the site has under that name: TP_FILE_*, or -errno.
int lookUp(const tp_io& io, tp_request* request, std::string_view name, tp_file& file) {
    file = {};
    file.struct_size = sizeof file;
    int fd = io.open(request, str(name), TP_OPEN_SCRIPT, &file);
    if (fd < 0) return fd;
    io.close(request, fd, TP_CLASS_FILE);
    return file.type;
}

struct Found {
    size_t size = 0;  // of the script's part of the path
    int error = 0;
};

/// Asks for one name. True: the search is over.
bool settles(const tp_io& io, tp_request* request, std::string_view name, bool needs_execute, Found& found) {
    tp_file file;
    int type = lookUp(io, request, name, file);
    if (type == TP_FILE_DIRECTORY) return false;
    if (type < 0)
        found.error = type == -ENOTDIR ? -ENOENT : type;
    else if (type != TP_FILE_REGULAR)
        found.error = -ENOENT;
    else if (needs_execute && (file.mode & 0111u) == 0)
        found.error = -EACCES;
    else
        found = {name.size(), 0};
    return true;
}

/// From the front: the first name that is missing ends the search, so that a long path costs no more look-ups than
/// the site has folders on it. With suffixes only the names that end in one are looked up: nothing can be opened
/// below a file (ENOTDIR).
Found searchPrefixes(const tp_io& io, tp_request* request, std::string_view path,
                     const std::vector<std::string>& suffixes, bool needs_execute) {
    Found found{0, -ENOENT};
    for (size_t end = path.find('/', 1); end != path.npos; end = path.find('/', end + 1)) {
        std::string_view name = path.substr(0, end);
        if (isCandidate(name, suffixes) && settles(io, request, name, needs_execute, found)) break;
    }
    return found;
}

}  // namespace

int findScript(const tp_io& io, tp_request* request, std::string_view document_root, std::string_view path,
               const std::vector<std::string>& suffixes, bool needs_execute, Script& script) {
    if (document_root.empty() || !path.starts_with('/')) return -ENOENT;
    Found found{0, -ENOENT};
    // Most requests name the script and nothing behind it. A folder answers no request here.
    if (isCandidate(path, suffixes) && !settles(io, request, path, needs_execute, found)) return -ENOENT;
    if (found.error == -ENOENT) found = searchPrefixes(io, request, path, suffixes, needs_execute);
    if (found.error != 0) return found.error;
    script.name = path.substr(0, found.size);
    script.path_info = path.substr(found.size);
    script.filename.assign(document_root).append(script.name);
    return 0;
}

bool scriptAtPrefix(const tp_request_view& request, Script& script) {
    std::string_view path = text(request.path), prefix = text(request.route_prefix);
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    if (!path.starts_with(prefix)) prefix = {};
    script.name = prefix;
    script.path_info = path.substr(prefix.size());
    return script.path_info.empty() || script.path_info.front() == '/';
}

}  // namespace turnpike::gateway
