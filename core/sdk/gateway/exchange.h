// exchange.h - what every protocol's request to a backend has, from the queue to the last byte of its answer. Loop
// thread only; reused by the worker.
#pragma once
#include <cstdint>

#include "sdk/plugin.hpp"

namespace turnpike::gateway {

struct Exchange {
    enum class Stage : uint8_t {
        Body,        // the host takes the body in
        Queued,      // waits for a connection
        Running,     // has one
        Delivering,  // the backend has answered, the client has not got all of it
        Over,        // only on_done() is to come
    };

    tp_request* request = nullptr;
    const tp_request_view* view = nullptr;
    Stage stage = Stage::Over;
    bool is_head = false;        // HEAD: the answer has no body
    bool is_idempotent = false;  // RFC 9110 section 9.2.2: may be asked twice
    bool has_failed = false;
    bool is_reading = false;  // the next part of the body is on its way
    uint64_t queued_ms = 0;   // when it began to wait
    uint64_t again_ms = 0;    // when it may be tried again

    void begin(tp_request* r, const tp_request_view* v) {
        request = r;
        view = v;
        stage = Stage::Body;
        is_head = v->method_id == TP_METHOD_HEAD;
        is_idempotent = is_head || v->method_id == TP_METHOD_GET || v->method_id == TP_METHOD_OPTIONS ||
                        v->method_id == TP_METHOD_PUT || v->method_id == TP_METHOD_DELETE;
        has_failed = is_reading = false;
        queued_ms = again_ms = 0;
    }
    /// The request ends: says what is still to be said of it. A protocol's own hides this.
    void finish(const tp_host&) {}
};

}  // namespace turnpike::gateway
