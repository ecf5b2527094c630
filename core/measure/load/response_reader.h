// response_reader.h - the client's side of HTTP/1.1, as far as a load needs it: where a response ends and what it
// was. Answers to GET only. Pure; one reader belongs to one connection. A head that comes in one piece is read
// where it lies: nothing is allocated.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/chunked.h"

namespace turnpike::measure {

class ResponseReader {
 public:
    enum class State : uint8_t { More, Complete, Bad };

    /// Ready for the next response on the connection.
    void reset();
    /// Takes what belongs to the response and says in *consumed how much that was. After Complete or Bad: reset().
    State feed(std::string_view data, size_t* consumed);
    /// The server has closed: Complete when that is how the body ends, Bad otherwise.
    State close();

    unsigned status() const { return status_; }
    uint64_t bodyBytes() const { return body_; }
    /// False when the server closes after this response.
    bool keepsAlive() const { return keep_alive_; }
    /// What is wrong when Bad.
    const std::string& reason() const { return reason_; }

 private:
    enum class Body : uint8_t { None, Length, Chunked, UntilClose };

    State takeHead(std::string_view data, size_t* consumed);
    State takeBody(std::string_view data, size_t* consumed);
    State takeChunks(std::string_view data, size_t* consumed);
    State endHead(std::string_view head);
    bool readHead(std::string_view head);
    bool readStatusLine(std::string_view line);
    bool readField(std::string_view line);
    State refuse(std::string why);

    std::string head_;  // what has come of a head that was cut
    std::string reason_;
    http::ChunkedDecoder chunks_;
    Body framing_ = Body::UntilClose;
    unsigned status_ = 0;
    uint64_t left_ = 0, body_ = 0;
    bool in_body_ = false, keep_alive_ = true;
};

}  // namespace turnpike::measure
