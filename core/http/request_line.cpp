#include "http/request_line.h"

#include <algorithm>
#include <array>

namespace turnpike::http {
namespace {

constexpr uint8_t kInPath = 1, kInQuery = 2;

/// RFC 3986's characters, and of those it forbids the ones that browsers send as they are, since the URL Standard
/// does not encode them: [ ] ^ | everywhere, and \ ` { } in a query ("?tag[]=1" is every PHP form).
constexpr std::array<uint8_t, 256> makeTargetTable() {
    std::array<uint8_t, 256> table{};
    for (int c = 0x21; c < 0x7f; ++c) table[static_cast<size_t>(c)] = kInPath | kInQuery;
    for (char c : std::string_view("#\"<>")) table[static_cast<uint8_t>(c)] = 0;
    for (char c : std::string_view("?\\`{}")) table[static_cast<uint8_t>(c)] = kInQuery;
    return table;
}
constexpr std::array<uint8_t, 256> kTarget = makeTargetTable();

constexpr Refusal kBadTarget{400, "bad byte in the request target"};

/// HTTP-version = "HTTP/" DIGIT "." DIGIT, with case. A higher minor version is served as 1.1 (RFC 9110
/// section 2.5).
Refusal readVersion(std::string_view text, RequestHead& head) {
    if (!text.starts_with("HTTP/") || !isDigit(text[5]) || text[6] != '.' || !isDigit(text[7])) {
        return {400, "bad HTTP version"};
    }
    if (text[5] != '1') return {505, "HTTP version is not 1.x"};
    head.minor_version = text[7] == '0' ? 0 : 1;
    return {};
}

/// absolute-form = absolute-URI of the scheme http or https (RFC 9112 section 3.2.2). A missing path is "/", or
/// "*" for OPTIONS (section 3.2.4).
Refusal readAbsolute(char* target, size_t size, RequestHead& head, Authority& authority) {
    const std::string_view text(target, size);
    const size_t scheme = text.find("://");
    if (scheme == text.npos) return {400, "request target has no known form"};
    head.https = equalsLower(text.substr(0, scheme), "https");
    if (!head.https && !equalsLower(text.substr(0, scheme), "http")) return {400, "unknown scheme in the target"};
    const size_t begin = scheme + 3;
    const size_t end = std::min(text.find_first_of("/?#", begin), size);
    if (!parseAuthority(target + begin, end - begin, authority)) return {400, "bad authority in the target"};
    const Refusal refusal = readOriginForm(text.substr(end), head);
    if (refusal.status == 0 && head.path.empty()) {
        head.path = head.method == TP_METHOD_OPTIONS && end == size ? "*" : "/";
    }
    return refusal;
}

Refusal readTarget(char* target, size_t size, RequestHead& head, Authority& authority) {
    head.target = {target, size};
    if (target[0] == '/') return readOriginForm(head.target, head);
    if (head.target != "*") return readAbsolute(target, size, head, authority);
    if (head.method != TP_METHOD_OPTIONS) return {400, "* is a target of OPTIONS only"};
    head.path = head.target;
    return {};
}

}  // namespace

int32_t methodNumber(std::string_view name) {
    switch (name.size()) {
        case 3:
            return name == "GET" ? TP_METHOD_GET : name == "PUT" ? TP_METHOD_PUT : TP_METHOD_OTHER;
        case 4:
            return name == "HEAD" ? TP_METHOD_HEAD : name == "POST" ? TP_METHOD_POST : TP_METHOD_OTHER;
        case 5:
            return name == "PATCH" ? TP_METHOD_PATCH : TP_METHOD_OTHER;
        case 6:
            return name == "DELETE" ? TP_METHOD_DELETE : TP_METHOD_OTHER;
        case 7:
            return name == "OPTIONS" ? TP_METHOD_OPTIONS : TP_METHOD_OTHER;
        default:
            return TP_METHOD_OTHER;
    }
}

Refusal readOriginForm(std::string_view target, RequestHead& head) {
    size_t end = 0;
    while (end < target.size() && (kTarget[static_cast<uint8_t>(target[end])] & kInPath) != 0) ++end;
    head.path = target.substr(0, end);
    if (end == target.size()) return {};
    if (target[end] != '?') return kBadTarget;
    head.query = target.substr(end + 1);
    for (char c : head.query) {
        if ((kTarget[static_cast<uint8_t>(c)] & kInQuery) == 0) return kBadTarget;
    }
    return {};
}

Refusal parseRequestLine(char* line, size_t size, RequestHead& head, Authority& authority) {
    constexpr size_t kTail = 9;  // " HTTP/1.1"
    size_t method = 0;
    while (method < size && isTokenByte(line[method])) ++method;
    if (method == 0 || method == size || line[method] != ' ') return {400, "bad method"};
    if (size < method + 2 + kTail || line[size - kTail] != ' ') return {400, "malformed request line"};
    head.method_name = {line, method};
    head.method = methodNumber(head.method_name);
    const Refusal refusal = readVersion({line + size - kTail + 1, kTail - 1}, head);
    if (refusal.status != 0) return refusal;
    if (head.method_name == "CONNECT") return {405, "CONNECT: this is no proxy"};
    return readTarget(line + method + 1, size - kTail - method - 1, head, authority);
}

}  // namespace turnpike::http
