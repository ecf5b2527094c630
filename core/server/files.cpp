#include "server/files.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

namespace turnpike::server {
namespace {

constexpr std::array<std::string_view, 22> kCode = {
    "php", "php3", "php4", "php5", "php7", "php8", "phtml", "phps", "phar", "inc", "pl",
    "py",  "pyc",  "rb",   "cgi",  "fcgi", "sh",   "lua",   "asp",  "aspx", "jsp", "cfm"};
constexpr std::array<std::string_view, 10> kLeftovers = {"bak", "old",  "orig", "save", "swp",
                                                         "swo", "dist", "sql",  "log",  "tmp"};
constexpr std::array<std::string_view, 10> kArchives = {"gz",  "bz2", "xz", "zst", "br",
                                                        "zip", "tar", "7z", "rar", "tgz"};
constexpr size_t kLongestExtension = 8;

std::string_view lastSegment(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Lower-case extension of the last segment; empty when it has none that could be on a list.
std::string extension(std::string_view path) {
    std::string_view name = lastSegment(path);
    auto dot = name.rfind('.');
    if (dot == std::string_view::npos || name.size() - dot - 1 > kLongestExtension) return {};
    std::string lower(name.substr(dot + 1));
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

template <size_t N>
bool isOneOf(const std::array<std::string_view, N>& list, std::string_view what) {
    return std::find(list.begin(), list.end(), what) != list.end();
}

}  // namespace

bool isNeverStatic(std::string_view path) {
    std::string e = extension(path);
    return !e.empty() && isOneOf(kCode, e);
}

bool isBackup(std::string_view path) {
    if (path.ends_with('~') || path.ends_with('#')) return true;
    // "config.php_old", "config.php-2024-01-01": the ending goes on behind that of code.
    std::string_view name = lastSegment(path);
    if (auto end = name.find_first_of("_-", std::min(name.rfind('.'), name.size())); end != std::string_view::npos)
        if (isNeverStatic(name.substr(0, end))) return true;
    std::string e = extension(path);
    if (e.empty()) return false;
    if (isOneOf(kLeftovers, e)) return true;
    // "dump.sql.gz", "config.php.bak.zip": packed as well.
    if (isOneOf(kArchives, e) && isBackup(path.substr(0, path.rfind('.')))) return true;
    // "config.php.gz", "config.php.1": a copy of code under another name.
    return !isOneOf(kCode, e) && isNeverStatic(path.substr(0, path.rfind('.')));
}

bool isHidden(std::string_view path) {
    for (auto at = path.find("/."); at != std::string_view::npos; at = path.find("/.", at + 1)) {
        std::string_view segment = path.substr(at + 1, path.find('/', at + 1) - at - 1);
        if (segment != ".well-known" || at != 0) return true;
    }
    return false;
}

bool isOfApache(std::string_view path) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    constexpr std::string_view kBegin = "/.ht";
    const auto same = [&](char a, char b) { return lower(a) == b; };
    return std::search(path.begin(), path.end(), kBegin.begin(), kBegin.end(), same) != path.end();
}

int openFile(const Site& site, std::string_view path, OpenFor what, struct stat* st, const Route* route,
             std::optional<os::Links> links) {
    const config::Site& config = *site.config;
    const bool is_routes = route != nullptr && route->root;
    const os::Fd& root = is_routes ? route->root : site.root;
    if (is_routes) {
        const std::string& prefix = route->config->match.prefix;
        if (what == OpenFor::Lookup || !path.starts_with(prefix)) return -ENOENT;
        path.remove_prefix(prefix.size() - 1);  // it ends with a slash
    }
    if (!root) return -ENOENT;
    const bool is_to_be_sent = what != OpenFor::Settings;
    if (is_to_be_sent && (isOfApache(path) || (!config.hidden_files && isHidden(path)))) return -ENOENT;
    if (is_to_be_sent && !config.source_files) {
        if (isBackup(path)) return -ENOENT;
        if (what == OpenFor::Content && isNeverStatic(path)) return -EPERM;
    }
    int flags = what == OpenFor::Lookup ? O_PATH : O_RDONLY | O_NONBLOCK | O_NOCTTY;
    // With a slash behind it a name is a folder's, or the rules above would not see the name that is opened.
    if (what == OpenFor::List || path.ends_with('/')) flags |= O_DIRECTORY;
    int fd = os::openBeneath(root.get(), path, flags, links.value_or(config.links), os::Class::File);
    if (fd < 0 || st == nullptr) return fd;
    int known = os::fstat(fd, st, os::Class::File);
    if (known < 0) os::close(fd, os::Class::File);
    return known < 0 ? known : fd;
}

}  // namespace turnpike::server
