// request_head.h - the head of an HTTP/1.x request, parsed strictly (RFC 9112). Pure: no I/O, no allocation, any
// thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sdk/plugin.h"

namespace turnpike::http {

/// How much of a head is taken. Sizes in bytes.
struct HeadLimits {
    size_t line = 8192;    // request line: 414 past it
    size_t field = 16384;  // one field line: 431
    size_t total = 32768;  // all field lines: 431
    size_t fields = 100;   // their number: 431
};

/// A parsed head. The views point into the buffer that was parsed, or at static text ("/" of an absolute-form
/// target without a path).
struct RequestHead {
    int32_t method = TP_METHOD_OTHER;  // TP_METHOD_*
    std::string_view method_name;
    std::string_view target;     // as it came
    std::string_view path;       // raw: origin-form or absolute-form without authority; "*" for OPTIONS *
    std::string_view query;      // raw, without '?'
    std::string_view host;       // without port, from the absolute form or Host; lower case; empty in HTTP/1.0
    uint32_t minor_version = 1;  // HTTP/1.x
    bool keep_alive = true;      // what the client wants
    bool expect_continue = false;
    bool chunked = false;
    bool takes_trailers = false;  // it said TE: trailers
    std::string_view upgrade;     // protocols that it offers to switch to, when Connection says so; HTTP/1.1
    bool https = false;           // an absolute-form target said https: answer 421 when the connection is not
    int64_t content_length = 0;   // 0: no body; TP_LENGTH_UNKNOWN: chunked
    uint64_t present = 0;         // TP_HAS_*
    tp_field* fields = nullptr;   // the caller's array of HeadLimits::fields entries
    size_t field_count = 0;       // lower-case names, wire order; hop-by-hop fields, Host-independent framing
                                  // fields (Transfer-Encoding, TE, Trailer, Upgrade, Connection and what it
                                  // names) and Proxy are left out
};

enum class Parse : uint8_t { Incomplete, Complete, Refused };

struct HeadResult {
    Parse state;
    size_t consumed;     // Complete: bytes of the head, with its empty line
    unsigned status;     // Refused: the answer; the connection must be closed after it
    const char* reason;  // Refused: for the log; static text
};

/// Parses the head at the start of `data`. Field names and host are turned to lower case in place. `seen`: how
/// many bytes an earlier call has looked at without completing (0 at first), so that a trickle costs linear time.
/// Of a refused head the method and the target may be known: then the request line was good.
HeadResult parseRequestHead(char* data, size_t size, size_t seen, const HeadLimits& limits, RequestHead& head);

/// What normalisePath() found: 0, or the status to refuse with.
struct PathResult {
    unsigned status;
    size_t size;
};

/// Percent-decodes `raw` once, removes dot segments and doubled slashes, into `to` (at least raw.size() bytes).
/// 400 for NUL, control bytes, bad escapes, an encoded '/' or '\\', bytes that are not UTF-8, and for ".." that
/// would leave the root. `raw` begins with '/'. The result never contains a "." or ".." segment.
PathResult normalisePath(std::string_view raw, char* to);

}  // namespace turnpike::http
