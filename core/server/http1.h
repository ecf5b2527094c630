// http1.h - HTTP/1.x on one connection: reads heads and bodies, writes answers, keeps the deadlines. One request
// at a time; pipelined ones wait in the input. Loop thread only.
#pragma once
#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/chunked.h"
#include "http/request_head.h"
#include "http/response_head.h"
#include "net/loop.h"
#include "net/transport.h"
#include "server/exchange.h"
#include "server/output.h"
#include "server/stream.h"

namespace turnpike::server {

class Connections;
class Runtime;

class Http1 final : public Stream, private net::Source {
 public:
    Http1(Connections& owner, Runtime& runtime, std::unique_ptr<net::Transport> transport,
          const os::Address& remote, const os::Address& local);
    ~Http1() override;

    /// False: the descriptor cannot be watched.
    bool begin();
    /// The worker is going: no further request after the one that is running or on its way.
    void drain();
    /// Ends it at once; a running request is aborted.
    void close();
    bool isIdle() const { return state_ == State::Head && exchange_ == nullptr; }
    bool isListedBusy() const { return listed_busy_; }
    const std::string& network() const { return network_; }

    // Stream
    const Peer& peer() const override { return peer_; }
    void sendHead(unsigned status, const tp_field* fields, size_t count, int64_t length, bool body) override;
    bool sendUpgrade(std::string_view protocol, const tp_field* fields, size_t count) override;
    void setTrailers(const tp_field* fields, size_t count) override {
        trailers_ = fields;
        trailer_count_ = count;
    }
    int32_t sendBody(const tp_str* parts, size_t count, bool last) override;
    int32_t sendFile(int fd, uint64_t offset, uint64_t size, bool last) override;
    void readBody() override;
    void finish() override;
    void abort() override;
    void closeAfter() override { keep_alive_ = false; }

    // The list of its owner: connections in the order in which they became idle.
    Http1* list_previous = nullptr;
    Http1* list_next = nullptr;

 private:
    /// What every answer begins with.
    static constexpr std::string_view kStatusBegin = "HTTP/1.1 ";
    enum class State : uint8_t { Head, Running, Linger, Closed };
    enum class Deadline : uint8_t { None, Handshake, Idle, Header, Body, Linger };
    struct Input {
        std::unique_ptr<char[]> data;
        size_t capacity = 0, begin = 0, end = 0;
        size_t size() const { return end - begin; }
    };

    void onEvent(uint32_t what, uint32_t share_milli) override;
    void writeHead(http::ResponseHead& head);
    void pump();
    void pumpLater();
    bool parseHead();
    void speak(uint32_t minor_version);
    bool refuseHead(unsigned status, const char* reason);
    bool takeBody();
    bool giveBody(const char* data, size_t size);
    bool makeRoom(Input& input);
    int64_t fill(Input& input);
    bool fillHead();
    void onHandshake(int64_t got);
    void turnAway();
    void openExchange();
    void spoil();
    void begunBody(const http::RequestHead& head);
    bool tooSlow();
    ledger::Account& payer();
    void onEnd();
    bool bodyIsHere() const;
    void skipBody();
    http::Framing framing(int64_t length, bool body) const;
    void writeContinue();
    void callOut();

    std::string_view bodyEnd(bool has_chunk, bool last);
    int32_t sendNow();
    void flushLater();
    void flush();
    void armWrite();
    void onWriteDeadline();
    uint64_t taken() const;
    /// After the answer that is being sent.
    bool staysOpen() const { return keep_alive_ && body_done_; }
    void answered();
    void nextRequest();
    void linger();
    void discardInput();
    void setDeadline(Deadline deadline, uint64_t ms);
    void onDeadline();
    void release(Input& input);

    Connections& owner_;
    Runtime& runtime_;
    std::unique_ptr<net::Transport> transport_;
    std::string remote_, local_, network_;
    Peer peer_;
    Exchange* exchange_ = nullptr;
    Input head_, body_;
    Output output_;
    net::Timer timer_, write_timer_;
    State state_ = State::Head;
    Deadline deadline_ = Deadline::None;
    bool readable_ = false, hangup_ = false, pumping_ = false, later_queued_ = false;
    bool keep_alive_ = true, draining_ = false, is_1_0_ = false, waiting_ = false, finishing_ = false;
    bool in_send_ = false, listed_busy_ = false, flush_wanted_ = false;
    bool expect_continue_ = false, body_wanted_ = false, body_done_ = true, chunked_in_ = false,
         chunked_out_ = false;
    bool close_framed_ = false, head_sent_ = false, called_out_ = false, status_begun_ = false;
    bool handshaking_, input_ended_ = false, asked_to_close_ = false, takes_trailers_ = false;
    bool tunnel_ = false;  // no HTTP any more: bytes both ways
    const tp_field* trailers_ = nullptr;
    size_t trailer_count_ = 0;
    std::string last_chunk_;  // with its trailers, while it is borrowed
    uint32_t share_milli_ = 0;
    uint64_t requests_ = 0;
    size_t seen_ = 0;
    uint64_t body_left_ = 0, body_asked_ns_ = 0, body_waited_ns_ = 0, body_bytes_ = 0, discarded_ = 0;
    uint64_t blocked_since_ns_ = 0, taken_before_ = 0, taken_last_ = 0;
    http::ChunkedDecoder decoder_;
    char chunk_[20];  // the head of a chunk that is borrowed
};

}  // namespace turnpike::server
