// response_head.h - writing the head of an HTTP/1.1 response. Pure; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/plugin.h"

namespace turnpike::http {

/// "Not Found" for 404; "Unknown" for a status without a name.
std::string_view reasonPhrase(unsigned status);

/// True when a field's name is a token and its value has no control byte but HTAB (RFC 9110 section 5.5).
bool isValidField(std::string_view name, std::string_view value);

/// Fields that the server writes itself and ignores from plugins: Connection, Date, Server, Transfer-Encoding,
/// Content-Length, Keep-Alive, Upgrade, Proxy-Connection, TE, Trailer. Compares without case.
bool isFramingField(std::string_view name);

/// How the end of the body is told.
enum class Framing : uint8_t { None, Length, Chunked, Close };

struct ResponseHead {
    unsigned status = 200;
    const tp_field* fields = nullptr;  // checked with isValidField(), none of them isFramingField()
    size_t field_count = 0;
    Framing framing = Framing::Length;
    uint64_t length = 0;  // Framing::Length
    bool keep_alive = true;
    bool is_open = false;                // headEnd() is still to come
    bool client_is_1_0 = false;          // then keep-alive must be said
    const tp_field* trailers = nullptr;  // named in Trailer: what is known of the fields behind the body
    size_t trailer_count = 0;            // 0 unless Framing::Chunked
    std::string_view date = {};          // IMF-fixdate, empty: none (1xx)
    std::string_view server = {};        // value of Server, empty: none
    std::string_view upgrade = {};       // 101: the protocol that is switched to
};

/// An upper bound for writeResponseHead().
size_t responseHeadSize(const ResponseHead& head);
/// The end of a head, from what it says of the connection on. Lives for ever.
std::string_view headEnd(bool keep_alive, bool client_is_1_0);
/// Writes status line, Date, Server, fields, framing and the empty line; the number of bytes. Status is 100 to
/// 599; Framing::Close says "Connection: close" whatever keep_alive is.
size_t writeResponseHead(const ResponseHead& head, char* to);

}  // namespace turnpike::http
