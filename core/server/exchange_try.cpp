// The `try` list of a route: which of several names exists, and what the request becomes.
#include <algorithm>
#include <charconv>

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

bool Exchange::fileExists(std::string_view path) {
    struct stat st {};
    int fd = openFile(*site_, path, OpenFor::Lookup, &st);
    if (fd < 0) return false;
    os::close(fd, os::Class::File);
    return path.ends_with('/') ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode);
}

/// All but the last entry are looked for on disk; the last one is where the request goes when none is there.
Exchange::Try Exchange::tryFiles(const Route& route) {
    const auto& list = route.config->try_files;
    const std::string_view path(view_.path.ptr, view_.path.len);
    for (size_t i = 0; i + 1 < list.size(); ++i) {
        std::string candidate = expand(list[i], false);
        if (!fileExists(candidate)) continue;
        // A folder asked for without its slash stays so: the plugin redirects, or the page's relative links lead
        // astray.
        if (candidate == path ||
            (candidate.ends_with('/') && candidate.compare(0, candidate.size() - 1, path) == 0))
            return Try::Go;
        std::string_view kept = arena_.copy(candidate);
        view_.path = {kept.data(), kept.size()};
        return Try::Go;
    }
    const std::string& last = list.back();
    if (last.starts_with('=')) {
        unsigned status = 404;
        std::from_chars(last.data() + 1, last.data() + last.size(), status);
        answerStatus(status);
        return Try::Taken;
    }
    if (expand(std::string_view(last).substr(0, last.find('?')), false) == path)
        return Try::Go;  // it is where we are already
    std::string target = expand(last, true);
    if (rewrite(target) != 0) {
        log(TP_LOG_ERROR, "try leads round in a circle: " + target);
        answerStatus(500);
    }
    return Try::Taken;
}

}  // namespace turnpike::server
