#include "server/http2_session.h"

#include "server/http2.h"
#include "server/http2_stream.h"

namespace turnpike::server {
namespace {

Http2& connection(void* user) { return *static_cast<Http2*>(user); }
std::string_view view(nghttp2_rcbuf* buffer) {
    const nghttp2_vec vec = nghttp2_rcbuf_get_buf(buffer);
    return {reinterpret_cast<const char*>(vec.base), vec.len};
}

struct CallbacksDelete {
    void operator()(nghttp2_session_callbacks* callbacks) const { nghttp2_session_callbacks_del(callbacks); }
};
struct OptionDelete {
    void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};
using Callbacks = std::unique_ptr<nghttp2_session_callbacks, CallbacksDelete>;
using Option = std::unique_ptr<nghttp2_option, OptionDelete>;

void setInput(nghttp2_session_callbacks* to) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(
        to, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
            return connection(user).onBeginHeaders(*frame);
        });
    nghttp2_session_callbacks_set_on_header_callback2(
        to, [](nghttp2_session*, const nghttp2_frame*, nghttp2_rcbuf* name, nghttp2_rcbuf* value, uint8_t,
               void* user) { return connection(user).onHeader(view(name), view(value)); });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        to,
        [](nghttp2_session*, const nghttp2_frame* frame, void* user) { return connection(user).onFrame(*frame); });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        to, [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size, void* user) {
            return connection(user).onData(id, {reinterpret_cast<const char*>(data), size});
        });
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(
        to, [](nghttp2_session*, const nghttp2_frame*, int, void* user) {
            connection(user).charge();
            return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        to,
        [](nghttp2_session*, int32_t id, uint32_t, void* user) { return connection(user).onStreamClosed(id); });
}

void setOutput(nghttp2_session_callbacks* to) {
    nghttp2_session_callbacks_set_send_callback(
        to, [](nghttp2_session*, const uint8_t* data, size_t size, int, void* user) {
            return connection(user).write({reinterpret_cast<const char*>(data), size});
        });
    nghttp2_session_callbacks_set_send_data_callback(to, [](nghttp2_session*, nghttp2_frame*, const uint8_t* head,
                                                            size_t size, nghttp2_data_source* source, void* user) {
        return connection(user).writeData(*static_cast<Http2Stream*>(source->ptr),
                                          {reinterpret_cast<const char*>(head), Http2::kFrameHead}, size);
    });
    nghttp2_session_callbacks_set_data_source_read_length_callback(
        to, [](nghttp2_session*, uint8_t, int32_t, int32_t window, int32_t stream_window, uint32_t most,
               void* user) { return connection(user).frameSize(window, stream_window, most); });
    nghttp2_session_callbacks_set_on_frame_send_callback(
        to, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
            return connection(user).onFrameSent(*frame);
        });
    nghttp2_session_callbacks_set_on_frame_not_send_callback(
        to, [](nghttp2_session*, const nghttp2_frame* frame, int, void* user) {
            return connection(user).onFrameNotSent(*frame);
        });
}

Callbacks makeCallbacks() {
    nghttp2_session_callbacks* raw = nullptr;
    if (nghttp2_session_callbacks_new(&raw) != 0) return nullptr;
    Callbacks made(raw);
    setInput(raw);
    setOutput(raw);
    return made;
}

Option makeOption() {
    nghttp2_option* raw = nullptr;
    if (nghttp2_option_new(&raw) != 0) return nullptr;
    Option made(raw);
    nghttp2_option_set_no_http_messaging(raw, 1);     // http/http2_head.h judges
    nghttp2_option_set_no_recv_client_magic(raw, 1);  // Http1 has seen it
    nghttp2_option_set_no_auto_window_update(raw, 1);
    nghttp2_option_set_no_closed_streams(raw, 1);
    nghttp2_option_set_max_send_header_block_length(raw, 1u << 20);
    nghttp2_option_set_max_outbound_ack(raw, size_t{2} * Http2Budget::kBurst);
    return made;
}

bool submitSettings(nghttp2_session* session, const config::Limits& limits) {
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<uint32_t>(limits.streams)},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(limits.fields_total)},
        // Streams take turns whatever a client signals (RFC 9113 section 5.3.2): a tree of priorities would be its
        // memory of ours.
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}};
    if (nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, std::size(settings)) != 0) return false;
    return nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kHttp2ConnectionWindow) == 0;
}

}  // namespace

Http2Session makeHttp2Session(Http2& connection, const config::Limits& limits) {
    static const Callbacks callbacks = makeCallbacks();
    static const Option option = makeOption();
    nghttp2_session* raw = nullptr;
    if (!callbacks || !option) return nullptr;
    if (nghttp2_session_server_new2(&raw, callbacks.get(), &connection, option.get()) != 0) return nullptr;
    Http2Session session(raw);
    if (!submitSettings(raw, limits)) return nullptr;
    return session;
}

}  // namespace turnpike::server
