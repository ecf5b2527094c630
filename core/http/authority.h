// authority.h - host and port as Host and the absolute-form carry them (RFC 9110 section 7.2). Pure; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnpike::http {

struct Authority {
    std::string_view host;  // lower case, an IPv6 address with its brackets
    int32_t port = -1;      // -1: none was said
};

/// Reads uri-host [ ":" port ] and turns the host to lower case in place. Of reg-name it takes what a DNS name can
/// hold (letters, digits, "-", ".", "_", "~", no empty label): percent escapes and sub-delims, which RFC 3986
/// would allow, name no host and end up unescaped in pages. False for these, userinfo, an empty or overlong
/// host, IPvFuture, zone ids and ports past 65535.
bool parseAuthority(char* text, size_t size, Authority& authority);

}  // namespace turnpike::http
