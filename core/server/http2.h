// http2.h - HTTP/2 on one connection (RFC 9113): its session, its streams and their turns, its deadlines and its
// end. What the streams of a loop round send leaves together, once, at the end of the round. Loop thread only.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "http/http2_frames.h"
#include "http/http2_head.h"
#include "http/stream_order.h"
#include "net/loop.h"
#include "server/connection.h"
#include "server/http2_budget.h"
#include "server/http2_session.h"
#include "server/http2_stream.h"
#include "server/output.h"
#include "server/pace.h"

namespace turnpike::server {

class Http2 final : public Connection, private net::Source {
 public:
    static constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    static constexpr size_t kFrameHead = 9;

    Http2(Connections& owner, Runtime& runtime, std::unique_ptr<net::Transport> transport, Ends ends);
    ~Http2() override;

    /// Takes the connection over. `input`: what has come of it, the preface first; `paid`: what reading it cost.
    void begin(std::string_view input, bool draining, const ledger::Account& paid);
    void drain() override;
    void close() override;

    // From its streams. ----------------------------------------------------------------------------------------
    nghttp2_session* session() { return session_.get(); }
    void flushLater();
    void bodyLater(Http2Stream& stream);
    void deferHead(Http2Stream& stream);
    /// A stream's exchange has ended or the stream was closed.
    void lookAfter(Http2Stream& stream);
    void onExchangeEnded(Http2Stream& stream);
    /// Resets a stream for what its client did, which counts against the client.
    void refuseStream(int32_t id, uint32_t code);
    std::vector<nghttp2_nv>& fields() { return nv_; }
    Abandoned* abandoned() { return abandoned_; }

    // From nghttp2, see http2_session.cpp. ---------------------------------------------------------------------
    int onBeginHeaders(const nghttp2_frame& frame);
    int onHeader(std::string_view name, std::string_view value);
    int onFrame(const nghttp2_frame& frame);
    int onData(int32_t id, std::string_view data);
    int onStreamClosed(int32_t id);
    int onFrameSent(const nghttp2_frame& frame);
    int onFrameNotSent(const nghttp2_frame& frame);
    /// One thing that the client may not do without limit.
    void charge();
    ssize_t write(std::string_view bytes);
    int writeData(Http2Stream& stream, std::string_view head, size_t size);
    ssize_t frameSize(int32_t window, int32_t stream_window, uint32_t most);

 private:
    enum class State : uint8_t { Open, Linger, Closed };
    enum class Deadline : uint8_t { Idle, Notice, Linger };

    void onEvent(uint32_t what, uint32_t share_milli) override;
    void onLater();
    void onDeadline();
    void onHeadDeadline();
    void onWriteDeadline();
    void setDeadline(Deadline deadline, uint64_t ms);

    // http2_input.cpp
    void receive();
    void onEnd();
    void feed(std::string_view bytes);
    bool hand(std::string_view bytes);
    bool admit(const http::FrameHead& frame);
    bool admitHeaders(const http::FrameHead& frame);
    bool spend();
    void serve();
    void shareCost();
    void onRequest(Http2Stream& stream, bool ends);
    Http2Stream* find(int32_t id);
    Http2Stream& take(int32_t id);
    void sweep();
    bool isWorn() const;
    void quieten();

    // http2_output.cpp
    /// Failed: the connection is done for; Waits: it is told when it can go on.
    enum class Flushed : uint8_t { All, Waits, Failed };
    void flush();
    Flushed flushBlocks();
    bool fill();
    bool send();
    void watchOutputs();
    void waitForRoom();
    void tellLeft();

    void goAway();
    void lastWord(uint32_t code);
    void end();
    void beginLinger();
    void readOn();

    Http2Session session_;
    State state_ = State::Open;
    Deadline deadline_ = Deadline::Idle;
    net::Timer timer_, head_timer_, write_timer_;
    http::Http2Head section_;
    http::FrameScanner scanner_;
    http::StreamOrder order_;
    Http2Budget budget_;
    Output output_;
    WritePace write_pace_;
    ledger::Account paid_;  // crossings that no request has been charged for yet
    uint32_t share_milli_ = 0;

    std::vector<std::unique_ptr<Http2Stream>> streams_, spare_;
    std::vector<Http2Stream*> served_, ready_, bodies_, deferred_, writable_, leaving_, dead_;
    std::vector<nghttp2_nv> nv_;
    Http2Stream* head_of_ = nullptr;  // whose field section comes
    Http2Stream* writer_ = nullptr;   // who wrote last into the output
    Abandoned* abandoned_ = new Abandoned;
    size_t running_ = 0;
    uint64_t born_ns_, requests_ = 0;
    uint64_t block_bytes_ = 0;  // of the header block that comes
    uint32_t continuations_ = 0, oversized_ = 0, window_credit_ = 0;
    bool readable_ = false, hangup_ = false, later_queued_ = false, full_ = false, unfinished_ = false;
    bool in_block_ = false, calm_ = false, is_disordered_ = false, draining_ = false, notice_sent_ = false,
         last_word_sent_ = false;
    bool serving_ = false, flushing_ = false, quietened_ = false, input_ended_ = false;
};

}  // namespace turnpike::server
