// The `try` list of a route: which of several names exists, and what the request becomes.
#include <charconv>

#include "server/exchange.h"
#include "server/files.h"

namespace turnpike::server {
namespace {

void replaceAll(std::string& text, std::string_view name, std::string_view value) {
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
        text.replace(at, name.size(), value);
}

}  // namespace

std::string Exchange::expand(std::string_view pattern) const {
    std::string result(pattern);
    // The value may hold the other name, so the query, which is the client's own text, goes last.
    replaceAll(result, "$path", {view_.path.ptr, view_.path.len});
    replaceAll(result, "$query", {view_.query.ptr, view_.query.len});
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
    for (size_t i = 0; i + 1 < list.size(); ++i) {
        std::string path = expand(list[i]);
        if (!fileExists(path)) continue;
        if (path == std::string_view(view_.path.ptr, view_.path.len)) return Try::Go;
        std::string_view kept = arena_.copy(path);
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
    std::string target = expand(last);
    std::string_view path(view_.path.ptr, view_.path.len);
    if (std::string_view(target).substr(0, target.find('?')) == path)
        return Try::Go;  // it is where we are already
    if (redirect(target) != 0) {
        log(TP_LOG_ERROR, "try leads round in a circle: " + target);
        answerStatus(500);
    }
    return Try::Taken;
}

}  // namespace turnpike::server
