// trailer_field.h - which fields may follow a body (RFC 9110 section 6.5.1). Pure; any thread.
#pragma once
#include <algorithm>
#include <iterator>
#include <string_view>

#include "lists.h"

namespace turnpike::support {

/// False for a field that is needed before the body is read: it frames or routes the message, asks for conditions,
/// authenticates, controls the response, or says how to process the content. Compares without case.
inline bool mayFollowBody(std::string_view name) noexcept {
    static constexpr std::string_view kBefore[] = {"connection",
                                                   "date",
                                                   "host",
                                                   "keep-alive",
                                                   "proxy-connection",
                                                   "server",
                                                   "te",
                                                   "trailer",
                                                   "transfer-encoding",
                                                   "upgrade",
                                                   "expect",
                                                   "if-match",
                                                   "if-modified-since",
                                                   "if-none-match",
                                                   "if-range",
                                                   "if-unmodified-since",
                                                   "max-forwards",
                                                   "pragma",
                                                   "range",
                                                   "authorization",
                                                   "cookie",
                                                   "proxy-authenticate",
                                                   "proxy-authorization",
                                                   "set-cookie",
                                                   "www-authenticate",
                                                   "age",
                                                   "cache-control",
                                                   "expires",
                                                   "location",
                                                   "retry-after",
                                                   "vary",
                                                   "warning"};
    static constexpr std::string_view kContent = "content-";
    if (equalsLower(name.substr(0, kContent.size()), kContent))
        return equalsLower(name, "content-digest");  // made for it: RFC 9530 section 2
    return std::none_of(std::begin(kBefore), std::end(kBefore),
                        [name](std::string_view before) { return equalsLower(name, before); });
}

}  // namespace turnpike::support
