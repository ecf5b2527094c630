#include "sdk/support/asked_path.h"

#include <algorithm>
#include <string_view>

#include "sdk/plugin.hpp"

namespace turnpike::support {
namespace {

int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The path of an origin-form or absolute-form target (RFC 9112 section 3.2), as it came.
std::string_view rawPath(std::string_view target) {
    target = target.substr(0, target.find('?'));
    const size_t scheme = target.find("://");
    if (target.starts_with('/') || scheme == std::string_view::npos) return target;
    const size_t slash = target.find('/', scheme + 3);
    return slash == std::string_view::npos ? "/" : target.substr(slash);
}

std::string decoded(std::string_view raw) {
    std::string path;
    for (size_t i = 0; i < raw.size(); ++i) {
        const int high = raw[i] == '%' && i + 2 < raw.size() ? hexValue(raw[i + 1]) : -1;
        const int low = high >= 0 ? hexValue(raw[i + 2]) : -1;
        if (low >= 0) i += 2;
        path += low >= 0 ? static_cast<char>(high * 16 + low) : raw[i];
    }
    return path;
}

/// Without empty segments, "." and ".." (RFC 3986 section 5.2.4).
std::string withoutDots(std::string_view path) {
    std::string to = "/";
    for (size_t at = 1; at < path.size();) {
        const size_t end = std::min(path.find('/', at), path.size());
        const std::string_view segment = path.substr(at, end - at);
        if (segment == "..") {
            if (to.size() > 1) to.erase(to.rfind('/', to.size() - 2) + 1);
        } else if (!segment.empty() && segment != ".") {
            to.append(segment).append(end < path.size() ? "/" : "");
        }
        at = end + 1;
    }
    return to;
}

}  // namespace

std::string askedPath(std::string_view target) {
    std::string path = decoded(rawPath(target));
    const bool is_plain = path.find("//") == std::string::npos && path.find("/.") == std::string::npos;
    return is_plain ? path : withoutDots(path);
}

std::string askedPath(const tp_request_view& view) {
    if (view.path.len == 0) return {};  // refused as malformed, or OPTIONS *
    return askedPath(text(view.target));
}

}  // namespace turnpike::support
