// scripted.h - a plugin whose hooks a test writes as lambdas. A hook that is left out stays null in the table.
#pragma once
#include <functional>
#include <string_view>

#include "sdk/fake_host.hpp"

namespace turnpike::testing {

struct Scripted {
    std::function<tp_verdict(tp_request*)> access, request;
    std::function<void(tp_request*, std::string_view, bool)> body, response_body;
    std::function<void(tp_request*, const tp_body&)> spooled;
    std::function<void(tp_request*)> writable, response;
    std::function<void(tp_request*, bool)> done;
    std::function<void(tp_request*, const tp_log_record&)> log;
    std::function<void*(const tp_host*, tp_setup*)> configure;
    std::function<void()> stop;
    std::vector<tp_key> keys;
    uint32_t capabilities = 0;
    const tp_host* host = nullptr;
    tp_worker* worker = nullptr;

    /// The table; lives as long as this.
    const tp_plugin& table();

 private:
    tp_plugin table_{};
};

namespace scripted {
inline Scripted* self = nullptr;
inline void* configure(const tp_host* host, tp_setup* setup) {
    self->host = host;
    return self->configure ? self->configure(host, setup) : self;
}
inline void* start(void*, tp_worker* worker) {
    self->worker = worker;
    return self;
}
inline void stop(void*) { self->stop(); }
inline tp_verdict access(void*, tp_request* r) { return self->access(r); }
inline tp_verdict request(void*, tp_request* r) { return self->request(r); }
inline void body(void*, tp_request* r, tp_str data, uint32_t flags) {
    self->body(r, text(data), flags == TP_LAST);
}
inline void spooled(void*, tp_request* r, const tp_body* b) { self->spooled(r, *b); }
inline void writable(void*, tp_request* r) { self->writable(r); }
inline void done(void*, tp_request* r, int32_t aborted) { self->done(r, aborted != 0); }
inline void response(void*, tp_request* r) { self->response(r); }
inline void responseBody(void*, tp_request* r, tp_str data, uint32_t flags) {
    self->response_body(r, text(data), flags == TP_LAST);
}
inline void log(void*, tp_request* r, const tp_log_record* record) { self->log(r, *record); }
}  // namespace scripted

inline const tp_plugin& Scripted::table() {
    scripted::self = this;
    table_.struct_size = sizeof table_;
    table_.abi_major = TP_ABI_MAJOR;
    table_.abi_minor = TP_ABI_MINOR;
    table_.capabilities = capabilities;
    table_.keys = keys.data();
    table_.key_count = static_cast<uint32_t>(keys.size());
    table_.name = "scripted";
    table_.version = "1";
    table_.summary = "what the test says";
    table_.configure = scripted::configure;
    table_.worker_start = scripted::start;
    if (stop) table_.worker_stop = scripted::stop;
    if (access) table_.on_access = scripted::access;
    if (request) table_.on_request = scripted::request;
    if (body) table_.on_body = scripted::body;
    if (spooled) table_.on_spooled = scripted::spooled;
    if (writable) table_.on_writable = scripted::writable;
    if (done) table_.on_done = scripted::done;
    if (response) table_.on_response = scripted::response;
    if (response_body) table_.on_response_body = scripted::responseBody;
    if (log) table_.on_log = scripted::log;
    return table_;
}

/// send() of a literal.
inline int32_t send(const Scripted& p, tp_request* r, std::string_view data, uint32_t flags = 0) {
    tp_str part = str(data);
    return p.host->send(r, &part, 1, flags);
}

}  // namespace turnpike::testing
