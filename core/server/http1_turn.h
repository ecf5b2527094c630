// http1_turn.h - what a connection of HTTP/1.x needs only while it works: from the first byte of a request until
// its answer has left. Of those that wait for a request there are many, and they have none. Loop thread only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "http/chunked.h"
#include "net/loop.h"
#include "sdk/plugin.h"
#include "server/output.h"
#include "server/pace.h"

namespace turnpike::server {

class Http1;

struct Http1Turn {
    struct Input {
        std::unique_ptr<char[]> data;
        size_t capacity = 0, begin = 0, end = 0;
        size_t size() const { return end - begin; }
    };

    explicit Http1Turn(BlockPool& blocks);

    Http1* connection = nullptr;
    Input head, body;
    size_t seen = 0;  // of a head that has not come to its end
    Output output;
    net::Timer write_timer;
    uint64_t body_left = 0, drained = 0;
    BodyPace body_pace;
    WritePace write_pace;
    http::ChunkedDecoder decoder;
    const tp_field* trailers = nullptr;
    size_t trailer_count = 0;
    char chunk[20];          // the head of a chunk that is borrowed
    std::string last_chunk;  // with its trailers, while it is borrowed
};

/// Those of a worker that no connection uses now.
class Http1Turns {
 public:
    explicit Http1Turns(BlockPool& blocks) : blocks_(blocks) {}

    std::unique_ptr<Http1Turn> take(Http1& connection);
    /// Its inputs hold no memory any more.
    void give(std::unique_ptr<Http1Turn> turn);

 private:
    BlockPool& blocks_;
    std::vector<std::unique_ptr<Http1Turn>> spare_;
};

}  // namespace turnpike::server
