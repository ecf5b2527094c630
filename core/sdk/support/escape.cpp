#include "sdk/support/escape.h"

namespace turnpike::support {
namespace {

constexpr bool isUnreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

void appendEncoded(std::string& out, char c) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
}

}  // namespace

void appendHtml(std::string& out, std::string_view text) {
    for (char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
}

void appendSegment(std::string& out, std::string_view segment) {
    for (char c : segment) isUnreserved(c) ? out.push_back(c) : appendEncoded(out, c);
}

void appendPath(std::string& out, std::string_view path) {
    for (char c : path) isUnreserved(c) || c == '/' ? out.push_back(c) : appendEncoded(out, c);
}

}  // namespace turnpike::support
