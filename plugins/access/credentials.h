// credentials.h - name and password of an Authorization field (RFC 7617). Pure; any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace turnpike::access {

/// "NAME:PASSWORD"; a name holds no colon.
struct Credentials {
    std::string pair;
    size_t colon;

    std::string_view name() const { return std::string_view(pair).substr(0, colon); }
    const char* password() const { return pair.c_str() + colon + 1; }
};

/// Empty for another scheme, for what is no base64, and for what no file of users can hold: control characters, a
/// password that libcrypt would not take whole.
std::optional<Credentials> parseBasic(std::string_view value);

}  // namespace turnpike::access
