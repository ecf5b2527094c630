// exchange.h - one request and its answer, from the queue to the last byte. Loop thread only; reused by the
// worker.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "answer_body.h"
#include "answer_head.h"
#include "sdk/gateway/exchange.h"
#include "sdk/gateway/passage.h"
#include "sdk/gateway/relay.h"
#include "upload.h"

namespace turnpike::proxy {

class Connection;

struct Exchange : gateway::Exchange {
    Connection* connection = nullptr;  // while Running
    bool is_started = false, has_body_begun = false;
    bool is_tunnel = false;
    // In the tunnel; the other side may go on.
    bool has_client_ended = false, has_upstream_ended = false, is_end_passed = false;
    std::string_view upgrade;     // the protocol that is asked for; the settings' own text
    uint64_t tried = 0;           // targets, one bit each, that were asked in vain
    unsigned deaths = 0;          // connections that ended without an answer
    unsigned interims = 0;        // answers of 1xx
    size_t favourite = SIZE_MAX;  // the target that balancing by cookie names
    Upload upload;
    AnswerHead head;
    AnswerBody body;
    gateway::Relay relay;
    gateway::Passage passage;

    void begin(tp_request* r, const tp_request_view* v) {
        gateway::Exchange::begin(r, v);
        connection = nullptr;
        is_started = has_body_begun = is_tunnel = false;
        has_client_ended = has_upstream_ended = is_end_passed = false;
        upgrade = {};
        tried = 0;
        deaths = 0;
        favourite = SIZE_MAX;
        upload.reset();
    }
    /// For another connection, or the first.
    void restart(gateway::BufferPool& buffers) {
        upload.rewind();
        head.reset();
        relay.reset(buffers);
        passage.begin();
        interims = 0;
    }
    /// Its memory goes back.
    void release(gateway::BufferPool& buffers) {
        relay.reset(buffers);
        upload.reset();
    }
};

}  // namespace turnpike::proxy
