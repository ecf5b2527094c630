// The `try` list of a route: which of several names exists, and what the request becomes.
#include <algorithm>
#include <charconv>

#include "http/request_head.h"
#include "sdk/support/escape.h"
#include "server/exchange.h"
#include "server/files.h"

namespace turnpike::server {
/// One pass from left to right: what was put in is the client's own text and is not looked at again.
std::string Exchange::expand(std::string_view pattern, bool as_target) const {
    constexpr std::string_view kPath = "$path", kQuery = "$query";
    std::string result;
    while (!pattern.empty()) {
        size_t plain = std::min(pattern.find('$'), pattern.size());
        result.append(pattern.substr(0, plain));
        pattern.remove_prefix(plain);
        if (pattern.starts_with(kPath)) {
            std::string_view path(view_.path.ptr, view_.path.len);
            as_target ? support::appendPath(result, path) : (void)result.append(path);
            pattern.remove_prefix(kPath.size());
        } else if (pattern.starts_with(kQuery)) {
            result.append(view_.query.ptr, view_.query.len);
            pattern.remove_prefix(kQuery.size());
        } else if (!pattern.empty()) {
            result += '$';
            pattern.remove_prefix(1);
        }
    }
    return result;
}

/// A path as a client would ask for it: what rules say of a name must find that name. Empty: it is none.
std::string Exchange::candidate(std::string_view pattern) const {
    std::string path = expand(pattern, false), encoded;
    if (path == std::string_view(view_.path.ptr, view_.path.len)) return path;
    support::appendPath(encoded, path);
    path.resize(encoded.size());
    const http::PathResult result = http::normalisePath(encoded, path.data());
    path.resize(result.status == 0 ? result.size : 0);
    return path;
}

bool Exchange::fileExists(std::string_view path) {
    struct stat st {};
    int fd = openFile(*site_, path, OpenFor::Lookup, &st);
    if (fd < 0) return false;
    os::close(fd, os::Class::File);
    return path.ends_with('/') ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode);
}

/// All but the last entry are looked for on disk; the last one is where the request goes when none is there. True:
/// the route goes on.
bool Exchange::tryFiles(const Route& route) {
    const auto& list = route.config->try_files;
    const std::string_view path(view_.path.ptr, view_.path.len);
    for (size_t i = 0; i + 1 < list.size(); ++i) {
        const std::string found = candidate(list[i]);
        if (found.empty() || !fileExists(found)) continue;
        // A folder asked for without its slash stays so: the plugin redirects, or the page's relative links lead
        // astray.
        if (found == path || (found.ends_with('/') && found.compare(0, found.size() - 1, path) == 0)) return true;
        goOnWith(arena_.copy(found));
        return false;
    }
    const std::string& last = list.back();
    if (last.starts_with('=')) {
        unsigned status = 404;
        std::from_chars(last.data() + 1, last.data() + last.size(), status);
        answerStatus(status);
        return false;
    }
    if (expand(std::string_view(last).substr(0, last.find('?')), false) == path)
        return true;  // it is where we are already
    std::string target = expand(last, true);
    if (rewrite(target) != 0) {
        log(TP_LOG_ERROR, "try leads round in a circle: " + target);
        answerStatus(500);
    }
    return false;
}

}  // namespace turnpike::server
