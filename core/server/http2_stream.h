// http2_stream.h - one request of an HTTP/2 connection and its answer. Owned and reused by its connection; loop
// thread only.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "http/http2_head.h"
#include "net/loop.h"
#include "server/exchange.h"
#include "server/http2_session.h"
#include "server/output.h"
#include "server/pace.h"
#include "server/stream.h"

namespace turnpike::server {

class Http2;
class Runtime;

class Http2Stream final : public Stream {
 public:
    Http2Stream(Http2& connection, Runtime& runtime);
    ~Http2Stream() override { reset(); }

    // Stream
    const Peer& peer() const override;
    void sendInterim(unsigned status, const tp_field* fields, size_t count) override;
    void sendHead(unsigned status, const tp_field* fields, size_t count, int64_t length, bool body) override;
    void setTrailers(const tp_field* fields, size_t count) override {
        trailers_ = fields;
        trailer_count_ = count;
    }
    int32_t sendBody(const tp_str* parts, size_t count, bool last) override;
    int32_t sendFile(int fd, uint64_t offset, uint64_t size, bool last) override;
    void readBody() override;
    void finish() override;
    void abort() override;
    /// What is wrong with one request says nothing about the others: frames tell where each ends.
    void closeAfter() override {}

    // From the connection. -------------------------------------------------------------------------------------
    /// The head begins to come.
    void open(int32_t id, Exchange& exchange);
    /// The head is there. True: run() it; false: the stream is reset.
    bool concludeHead(http::Http2Head& section, bool ends);
    void run();
    /// Whether the body may go on like this; false: malformed (RFC 9113 section 8.1.1).
    bool takeBody(std::string_view data);
    bool endBody();
    bool hasBody() const { return body_end_ > body_begin_ || body_ended_; }
    bool isBodyEnded() const { return body_ended_; }
    /// The answer has ended before the body.
    void drainBody();
    /// Brings what has come of the body to the exchange, as long as it asks for more.
    void giveBody();
    /// The head of an answer that could still turn out to have no body.
    void submitDeferred();
    /// How much of the body can leave in a frame of up to `most`, or an error of nghttp2's.
    ssize_t offer(size_t most, uint32_t* flags);
    int64_t takeOutput(char* to, size_t size) { return output_.take(to, size); }
    /// The frame that ends the answer is in the connection's output.
    void markEnded() { ended_ = true; }
    /// It has left the connection: the exchange ends, now or when it says that it is done.
    void onLeft();
    /// All that the exchange has sent is in the connection's output.
    void tellWritable();
    /// An answer that waits: its client is given only so much time.
    void watchOutput();
    /// nghttp2 has forgotten the stream.
    void markClosed() { closed_ = reset_ = true; }
    /// It will be reset: nothing more is to be done for it.
    void markReset() { reset_ = true; }
    /// The client, or a rule that it broke, has taken the stream away.
    void loseExchange();
    /// Ready to be used for another one.
    void reset();

    Exchange* exchange() { return exchange_; }
    int32_t id() const { return id_; }
    bool isClosed() const { return closed_; }
    bool isReset() const { return reset_; }
    bool isEnded() const { return ended_; }
    bool isOver() const { return closed_ && exchange_ == nullptr; }
    bool hasOutput() const { return !output_.isEmpty(); }
    bool wantsWritable() const { return waiting_ && output_.isEmpty(); }
    http::RequestHead& head() { return head_; }

    size_t index = 0;      // in its connection's list
    bool is_dead = false;  // stands in its connection's list of those to look after

 private:
    void submitHead(unsigned status, const tp_field* fields, size_t count, int64_t length, bool body);
    void resume();
    bool keepTrailers();
    bool submitTrailers();
    int32_t sendFrom(bool last);
    bool makeBodyRoom(size_t size);
    void giveBlock();
    void releaseBody();
    void drop(size_t size);
    void stopBody();
    void onBodyDeadline();
    void onWriteDeadline();

    struct Deferred {
        unsigned status = 0;
        tp_field* fields = nullptr;
        size_t count = 0;
        int64_t length = 0;
    };

    Http2& connection_;
    Runtime& runtime_;
    Exchange* exchange_ = nullptr;
    int32_t id_ = 0;
    http::RequestHead head_;
    http::Http2Verdict verdict_;

    Output output_;
    net::Timer body_timer_, write_timer_;
    WritePace write_pace_;
    BodyPace body_pace_;
    Deferred deferred_;
    const tp_field* trailers_ = nullptr;
    size_t trailer_count_ = 0;

    std::unique_ptr<char[]> body_;  // of the request, as far as it has come and was not asked for
    size_t body_capacity_ = 0, body_begin_ = 0, body_end_ = 0;
    uint64_t body_received_ = 0, drained_ = 0;
    bool running_ = false, closed_ = false, reset_ = false, body_ended_ = false, body_wanted_ = false,
         body_told_ = false;
    bool submitted_ = false, is_deferred_ = false, last_ = false, parked_ = false, waiting_ = false;
    bool ended_ = false, left_ = false, finishing_ = false, bodyless_ = false, is_error_ = false;
};

}  // namespace turnpike::server
