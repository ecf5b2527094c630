// The `try` list of a route: which of several names exists, and what the request becomes.
#include <charconv>

#include "server/exchange.h"
#include "server/files.h"

namespace turnpike::server {
namespace {

/// Percent-encodes all that could mean something in a target.
std::string encode(std::string_view text) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    std::string result;
    for (char c : text) {
        if (kPlain.find(c) != std::string_view::npos) {
            result += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        result += {'%', "0123456789ABCDEF"[byte / 16], "0123456789ABCDEF"[byte % 16]};
    }
    return result;
}

}  // namespace

/// Values are the client's own text, so nothing is looked for in them.
std::string Exchange::expand(std::string_view pattern, std::string_view path) const {
    constexpr std::string_view kPath = "$path", kQuery = "$query";
    std::string result;
    while (!pattern.empty()) {
        if (pattern.starts_with(kPath)) {
            result += path;
            pattern.remove_prefix(kPath.size());
        } else if (pattern.starts_with(kQuery)) {
            result.append(view_.query.ptr, view_.query.len);
            pattern.remove_prefix(kQuery.size());
        } else {
            result += pattern.front();
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
        std::string candidate = expand(list[i], path);
        if (!fileExists(candidate)) continue;
        if (candidate == path) return Try::Go;
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
    if (expand(std::string_view(last).substr(0, last.find('?')), path) == path)
        return Try::Go;  // it is where we are already
    // The new target is decoded like any other, so the path, which has been decoded, goes in encoded.
    std::string target = expand(last, encode(path));
    if (redirect(target, As::Itself) != 0) {
        log(TP_LOG_ERROR, "try leads round in a circle: " + target);
        answerStatus(500);
    }
    return Try::Taken;
}

}  // namespace turnpike::server
