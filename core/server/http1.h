// http1.h - HTTP/1.x on one connection: reads heads and bodies, writes answers, keeps the deadlines. One request
// at a time; pipelined ones wait in the input. Loop thread only.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "http/request_head.h"
#include "http/response_head.h"
#include "net/loop.h"
#include "net/transport.h"
#include "server/connection.h"
#include "server/exchange.h"
#include "server/http1_turn.h"
#include "server/stream.h"

namespace turnpike::server {

class Http1 final : public Connection, public Stream, private net::Source {
 public:
    Http1(Connections& owner, Runtime& runtime, std::unique_ptr<net::Transport> transport, Ends ends);
    ~Http1() override;

    /// False: the descriptor cannot be watched.
    bool begin();
    void drain() override;
    void close() override;

    // Stream
    const Peer& peer() const override { return peer_; }
    void sendInterim(unsigned status, const tp_field* fields, size_t count) override;
    void sendHead(unsigned status, const tp_field* fields, size_t count, int64_t length, bool body) override;
    bool sendUpgrade(std::string_view protocol, const tp_field* fields, size_t count) override;
    void endSending() override {
        sending_ends_ = true;
        flushLater();
    }
    void setTrailers(const tp_field* fields, size_t count) override {
        turn_->trailers = fields;
        turn_->trailer_count = count;
    }
    int32_t sendBody(const tp_str* parts, size_t count, bool last) override;
    int32_t sendFile(int fd, uint64_t offset, uint64_t size, bool last) override;
    bool canSplice() const override { return transport_->canSplice(); }
    int32_t sendPipe(PipeLoan pipe) override;
    void readBody() override;
    void finish() override;
    void abort() override;
    void closeAfter() override { keep_alive_ = false; }

    // Its turn
    void onWriteDeadline();

 private:
    /// What every answer begins with.
    static constexpr std::string_view kStatusBegin = "HTTP/1.1 ";
    enum class State : uint8_t { Head, Running, Drain, Linger, Closed };
    enum class Deadline : uint8_t { None, Handshake, Idle, Header, Body, Linger };
    using Input = Http1Turn::Input;
    using Counted = ledger::ConnectionState;

    void onEvent(uint32_t what, uint32_t share_milli) override;
    void writeHead(http::ResponseHead& head);
    void endHead(bool is_whole);
    void pump();
    void pumpLater();
    void takeUp();
    void rest();
    bool parseHead();
    bool becomesHttp2();
    bool isIdle() const { return state_ == State::Head && exchange_ == nullptr; }
    Counted stage() const;
    void speak(uint32_t minor_version);
    bool refuseHead(unsigned status, const char* reason, const http::RequestHead& head = {});
    bool takeBody();
    Input* nextInput();
    /// What cutBody() found.
    enum class Part : uint8_t { Framing, Data, End, Bad };
    Part cutBody(Input& input, std::string_view& data);
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
    bool mayDrain() const;
    void drainBody();
    bool dropBody();
    http::Framing framing(int64_t length, bool body) const;
    void callOut();

    std::string_view bodyEnd(bool has_chunk, bool last);
    int32_t sendNow();
    void flushLater();
    void flush();
    void armWrite();
    uint64_t taken() const;
    /// After the answer that is being sent.
    bool staysOpen() const { return keep_alive_ && mayDrain(); }
    void answered();
    void nextRequest();
    void linger();
    void readOn();
    void setDeadline(Deadline deadline, uint64_t ms);
    void onDeadline();
    void release(Input& input);

    Exchange* exchange_ = nullptr;
    std::unique_ptr<Http1Turn> turn_;  // none at rest, when there is no exchange either
    net::Timer timer_;
    State state_ = State::Head;
    Deadline deadline_ = Deadline::None;
    bool readable_ = false, hangup_ = false, pumping_ = false, later_queued_ = false;
    bool keep_alive_ = true, draining_ = false, is_1_0_ = false, waiting_ = false, finishing_ = false;
    bool in_send_ = false, flush_wanted_ = false;
    bool expect_continue_ = false, body_wanted_ = false, body_done_ = true, chunked_in_ = false,
         chunked_out_ = false;
    bool close_framed_ = false, head_sent_ = false, head_open_ = false, called_out_ = false, status_begun_ = false;
    bool handshaking_, input_ended_ = false, asked_to_close_ = false, takes_trailers_ = false;
    bool tunnel_ = false;                                // no HTTP any more: bytes both ways
    bool sending_ends_ = false, sending_ended_ = false;  // in the tunnel, while the client goes on
    uint32_t share_milli_ = 0;
    uint64_t requests_ = 0;
};

}  // namespace turnpike::server
