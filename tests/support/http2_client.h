// http2_client.h - an HTTP/2 client that sends frames as they are, wrong ones too, and shows what comes back.
// HPACK is nghttp2's; every wait is bounded.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct nghttp2_hd_deflater;
struct nghttp2_hd_inflater;

namespace turnpike {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// What has come on one stream.
struct Http2Answer {
    int status = 0;
    std::vector<int> interim;
    std::vector<Fields> interim_fields;
    Fields fields, trailers;
    std::string body;
    bool ended = false;             // END_STREAM came
    std::optional<uint32_t> reset;  // the code of RST_STREAM
    int data_frames = 0;
    std::string field(std::string_view name) const;
    bool isOver() const { return ended || reset; }
};

class Http2Client {
 public:
    enum Type : uint8_t {
        kData,
        kHeaders,
        kPriority,
        kReset,
        kSettings,
        kPush,
        kPing,
        kGoAway,
        kWindow,
        kContinue
    };
    static constexpr uint8_t kEnd = 1, kAck = 1, kEndHeaders = 4, kPadded = 8;
    static constexpr uint32_t kNoError = 0, kProtocolError = 1, kInternalError = 2, kFlowControlError = 3,
                              kStreamClosed = 5, kFrameSizeError = 6, kRefusedStream = 7, kCancel = 8,
                              kCompressionError = 9, kCalm = 11;

    /// Sends the preface and SETTINGS with these entries (6 bytes each), and reads as the tests ask for it.
    explicit Http2Client(uint16_t port, const std::string& settings = "");
    ~Http2Client();
    Http2Client(const Http2Client&) = delete;
    Http2Client& operator=(const Http2Client&) = delete;

    bool send(std::string_view bytes);
    static std::string frame(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload = "");
    bool sendFrame(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload = "");
    static std::string number(uint32_t value);  // 4 bytes
    static std::string setting(uint16_t id, uint32_t value);

    /// A header block of these fields, literally as they are.
    std::string block(const Fields& fields);
    /// The next request's stream.
    uint32_t nextStream() { return std::exchange(next_, next_ + 2); }
    /// HEADERS of a request on a new stream, which it returns.
    uint32_t request(const Fields& fields, bool ends = true);
    uint32_t get(const std::string& path, const Fields& more = {});
    uint32_t post(const std::string& path, const Fields& more = {}) {
        return request(fieldsOf("POST", path, more), false);
    }
    static Fields fieldsOf(const std::string& method, const std::string& path, const Fields& more = {});
    /// As much DATA as there is, in frames of 16 KiB, whatever the window says.
    void data(uint32_t stream, std::string_view bytes, bool ends);

    /// False: no WINDOW_UPDATE is sent for data any more.
    void keepWindows(bool on) { keeps_windows_ = on; }
    /// False: PING is not answered any more.
    void answersPings(bool on) { answers_pings_ = on; }
    /// Waits until the answer is over, the connection has ended or `ms` have passed.
    const Http2Answer& answer(uint32_t stream, int ms = 15'000);
    const Http2Answer& seen(uint32_t stream) { return answers_[stream]; }
    /// Waits for GOAWAY; its code. None came: nothing.
    std::optional<uint32_t> goAway(int ms = 15'000);
    uint32_t lastStream() const { return last_stream_; }  // as the last GOAWAY has it
    int count(Type type) const { return counts_[type]; }
    int acks() const { return acks_; }  // of PING
    int pingsBeforeGoAway() const { return early_pings_; }
    /// Waits until so many frames of the type have come.
    bool waitFor(Type type, int count, int ms = 15'000);
    bool waitClosed(int ms = 15'000);
    bool isClosed() const { return closed_; }
    /// Window updates by stream.
    uint64_t windowOf(uint32_t stream) { return windows_[stream]; }
    void endSending();
    void reset();
    /// Reads what comes within `ms`; false: nothing.
    bool read(int ms);

 private:
    template <class Condition>
    bool until(int ms, Condition condition);
    void take(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload);
    void takeHeaders(uint32_t stream, bool ends);
    void takeData(uint32_t stream, std::string_view payload, bool ends);

    int fd_ = -1;
    std::string buffer_, header_block_;
    bool block_ends_ = false;
    uint32_t next_ = 1, last_stream_ = 0;
    nghttp2_hd_deflater* deflater_ = nullptr;
    nghttp2_hd_inflater* inflater_ = nullptr;
    std::map<uint32_t, Http2Answer> answers_;
    std::map<uint32_t, uint64_t> windows_;
    int counts_[16] = {};
    int acks_ = 0, early_pings_ = 0;
    std::optional<uint32_t> go_away_;
    bool closed_ = false, keeps_windows_ = true, answers_pings_ = true;
};

}  // namespace turnpike
