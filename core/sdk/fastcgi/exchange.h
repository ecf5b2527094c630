// exchange.h - one request and its answer, from the queue to the last byte. Loop thread only; reused by the
// worker.
#pragma once
#include <cstdint>

#include "sdk/fastcgi/outbound.h"
#include "sdk/fastcgi/response.h"
#include "sdk/fastcgi/stderr_log.h"
#include "sdk/gateway/gateway.h"

namespace turnpike::fastcgi {

class Connection;

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
    Connection* connection = nullptr;  // while Running
    Stage stage = Stage::Body;
    bool is_head = false;        // HEAD: the host drops the body
    bool is_idempotent = false;  // RFC 9110 section 9.2.2: may be asked twice
    bool is_retried = false, has_failed = false;
    bool was_unseen = false;  // given to a program that was gone before it read it
    bool is_reading = false;  // the next part of the body is on its way
    bool is_ahead = false;    // on a lane to a program that was busy with another request
    uint32_t app_status = 0;
    uint64_t queued_ms = 0;  // when it began to wait
    uint64_t again_ms = 0;   // when it may be asked a second time
    uint64_t ahead_ns = 0;   // since when it is_ahead
    uint64_t number = 0;     // grows with each request that is given to a backend
    gateway::Script script;
    Outbound outbound;
    Response response;
    StderrLog errors;

    void begin(tp_request* r, const tp_request_view* v) {
        request = r;
        view = v;
        connection = nullptr;
        stage = Stage::Body;
        is_head = v->method_id == TP_METHOD_HEAD;
        is_idempotent = is_head || v->method_id == TP_METHOD_GET || v->method_id == TP_METHOD_OPTIONS ||
                        v->method_id == TP_METHOD_PUT || v->method_id == TP_METHOD_DELETE;
        is_retried = has_failed = was_unseen = is_reading = is_ahead = false;
        app_status = 0;
        outbound.head().clear();
    }
};

}  // namespace turnpike::fastcgi
