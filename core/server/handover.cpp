#include "server/handover.h"

#include <strings.h>

#include <algorithm>

#include "sdk/support/escape.h"

namespace turnpike::server {
namespace {

constexpr std::string_view kSendfile = "x-sendfile", kAccelRedirect = "x-accel-redirect", kAccel = "x-accel-";

std::string_view text(tp_str s) { return {s.ptr, s.len}; }

bool isSame(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), b.size()) == 0;
}

/// "a//b", "a/./b" and "a/../b" mean what they say to a file system only.
bool isPlain(std::string_view path) {
    for (size_t at = 0; at < path.size();) {
        const size_t end = std::min(path.find('/', at), path.size());
        const std::string_view segment = path.substr(at, end - at);
        if (segment.empty() || segment == "." || segment == "..") return false;
        at = end + 1;
    }
    return !path.empty() && path.back() != '/';
}

}  // namespace

bool isHandoverField(std::string_view name) {
    return isSame(name, kSendfile) ||
           (name.size() > kAccel.size() && isSame(name.substr(0, kAccel.size()), kAccel));
}

Handover findHandover(const tp_field* fields, size_t count) {
    Handover found;
    for (const tp_field* field = fields; field != fields + count; ++field) {
        const std::string_view name = text(field->name);
        if (name.empty() || (name.front() | 0x20) != 'x' || !isHandoverField(name)) continue;
        found.any = true;
        if (isSame(name, kSendfile)) found.sendfile = field;
        if (isSame(name, kAccelRedirect)) found.accel = field;
    }
    return found;
}

Keep keptAs(std::string_view name) {
    constexpr std::string_view kInstead[] = {"content-type", "content-disposition", "content-language",
                                             "cache-control", "expires"};
    if (isSame(name, "set-cookie")) return Keep::Beside;
    const bool is_kept = std::any_of(std::begin(kInstead), std::end(kInstead),
                                     [&](std::string_view kept) { return isSame(name, kept); });
    return is_kept ? Keep::Instead : Keep::Not;
}

std::optional<std::string> pathOfFile(const Site& site, std::string_view file) {
    for (const Route& route : site.routes) {
        const std::string& root = route.config->root;
        if (!route.config->internal || root.empty() || !file.starts_with(root)) continue;
        std::string_view rest = file.substr(root.size());
        if (rest.empty() || rest.front() != '/' || !isPlain(rest.substr(1))) continue;
        std::string path;
        support::appendPath(path, route.config->match.prefix + std::string(rest.substr(1)));
        return path;
    }
    return {};
}

}  // namespace turnpike::server
