// exchange.h - one request and its answer, from the queue to the last byte. Loop thread only; reused by the
// worker.
#pragma once
#include <cstdint>

#include "sdk/fastcgi/outbound.h"
#include "sdk/fastcgi/response.h"
#include "sdk/fastcgi/stderr_log.h"
#include "sdk/gateway/exchange.h"
#include "sdk/gateway/gateway.h"

namespace turnpike::fastcgi {

class Connection;

struct Exchange : gateway::Exchange {
    Connection* connection = nullptr;  // while Running
    bool is_retried = false;
    bool was_unseen = false;  // given to a program that was gone before it read it
    bool is_ahead = false;    // on a lane to a program that was busy with another request
    uint32_t app_status = 0;
    uint64_t ahead_ns = 0;  // since when it is_ahead
    uint64_t number = 0;    // grows with each request that is given to a backend
    gateway::Script script;
    Outbound outbound;
    Response response;
    StderrLog errors;

    void begin(tp_request* r, const tp_request_view* v) {
        gateway::Exchange::begin(r, v);
        connection = nullptr;
        is_retried = was_unseen = is_ahead = false;
        app_status = 0;
        outbound.head().clear();
    }
    /// For another connection.
    void restart(BufferPool& buffers) {
        outbound.rewind();
        response.reset(buffers);
    }
    /// Its memory goes back.
    void release(BufferPool& buffers) {
        response.reset(buffers);
        outbound.release(buffers);
    }
    void finish(const tp_host& host) { errors.finish(host, request); }
};

}  // namespace turnpike::fastcgi
