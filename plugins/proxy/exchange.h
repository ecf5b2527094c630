// exchange.h - one request and its answer, from the queue to the last byte. Loop thread only; reused by the
// worker.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "answer_body.h"
#include "answer_head.h"
#include "sdk/gateway/relay.h"
#include "upload.h"

namespace turnpike::proxy {

class Connection;

struct Exchange {
    enum class Stage : uint8_t {
        Queued,      // waits for a connection
        Running,     // has one
        Delivering,  // the upstream has answered, the client has not got all of it
        Over,        // only on_done() is to come
    };

    tp_request* request = nullptr;
    const tp_request_view* view = nullptr;
    Connection* connection = nullptr;  // while Running
    Stage stage = Stage::Over;
    bool is_head = false;        // HEAD: the answer has no body
    bool is_idempotent = false;  // RFC 9110 section 9.2.2: may be asked twice
    bool has_failed = false, is_started = false;
    bool is_reading = false;  // the next part of the body is on its way
    bool has_body_begun = false;
    bool is_tunnel = false;
    std::string_view upgrade;     // the protocol that is asked for; the settings' own text
    uint64_t tried = 0;           // targets, one bit each, that were asked in vain
    unsigned deaths = 0;          // connections that ended without an answer
    unsigned interims = 0;        // answers of 1xx
    size_t favourite = SIZE_MAX;  // the target that balancing by cookie names
    uint64_t queued_ms = 0;       // when it began to wait
    uint64_t again_ms = 0;        // when it may be tried again
    Upload upload;
    AnswerHead head;
    AnswerBody body;
    gateway::Relay relay;

    void begin(tp_request* r, const tp_request_view* v) {
        request = r;
        view = v;
        connection = nullptr;
        stage = Stage::Queued;
        is_head = v->method_id == TP_METHOD_HEAD;
        is_idempotent = is_head || v->method_id == TP_METHOD_GET || v->method_id == TP_METHOD_OPTIONS ||
                        v->method_id == TP_METHOD_PUT || v->method_id == TP_METHOD_DELETE;
        has_failed = is_started = is_reading = has_body_begun = is_tunnel = false;
        upgrade = {};
        tried = 0;
        deaths = 0;
        favourite = SIZE_MAX;
        queued_ms = again_ms = 0;
        upload.reset();
    }
    /// For another connection, or the first.
    void restart(gateway::BufferPool& buffers) {
        upload.rewind();
        head.reset();
        relay.reset(buffers);
        interims = 0;
    }
};

}  // namespace turnpike::proxy
