// http2_session.h - nghttp2's session of one connection as this server uses it: framing, HPACK, flow control and
// the states of streams are its; every rule of HTTP itself is ours (http/http2_head.h). Loop thread only.
#pragma once
#include <nghttp2/nghttp2.h>

#include <memory>

#include "config/snapshot.h"

namespace turnpike::server {

class Http2;

struct Http2SessionDelete {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};
using Http2Session = std::unique_ptr<nghttp2_session, Http2SessionDelete>;

/// A server's session, its SETTINGS queued. Null: no memory.
Http2Session makeHttp2Session(Http2& connection, const config::Limits& limits);

/// What a client may send before anything is consumed: of one stream, and of all streams of a connection.
inline constexpr int32_t kHttp2StreamWindow = 65535, kHttp2ConnectionWindow = 1 << 20;

}  // namespace turnpike::server
