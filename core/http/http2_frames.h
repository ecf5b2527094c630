// http2_frames.h - finds the frames in what an HTTP/2 client sends, so that each can be judged before anything
// works on it (RFC 9113 section 4.1). Pure; any thread; one object for one connection.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnpike::http {

enum class FrameType : uint8_t {
    Data = 0,
    Headers = 1,
    Priority = 2,
    RstStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9
};

struct FrameHead {
    static constexpr uint8_t kEndStream = 1, kEndHeaders = 4, kPadded = 8;
    uint32_t length = 0;
    FrameType type = FrameType::Data;  // may be none of the names
    uint8_t flags = 0;
    uint32_t stream = 0;
    uint16_t padding = 0;  // of DATA: its pad length, and one for the byte that tells it
};

class FrameScanner {
 public:
    struct Step {
        size_t consumed;  // of the bytes given, up to where the next step goes on
        size_t begin;     // where in them the found frame begins; 0 too when it began in earlier ones
        bool found;       // head() is that of the frame that begins there
    };
    /// Looks for the next frame. Not found: all bytes are consumed.
    Step next(std::string_view bytes);
    const FrameHead& head() const { return head_; }
    /// All of the last found frame has been given, and nothing of another one.
    bool isBetween() const { return skip_ == 0 && have_ == 0; }

 private:
    bool isWhole() const;

    static constexpr size_t kHeadSize = 9;
    FrameHead head_;
    unsigned char raw_[kHeadSize + 1];
    size_t have_ = 0;
    uint64_t skip_ = 0;  // payload that is still to come
};

}  // namespace turnpike::http
