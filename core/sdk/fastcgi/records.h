// records.h - the FastCGI 1.0 record layer, pure: bytes in, events out. No I/O, no allocation while decoding.
//
// One request at a time is sent on a connection, always as request 1 (what every server sends, and the only id
// that simple responders know), so every record that comes back must carry that id.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace turnpike::fastcgi {

inline constexpr uint16_t kRequestId = 1;
inline constexpr size_t kHeaderSize = 8;
/// Content of one STDIN record: the largest multiple of 8 that fits, so that no record needs padding.
inline constexpr size_t kMaxChunk = 65528;

enum class Type : uint8_t { Begin = 1, Abort = 2, End = 3, Params = 4, Stdin = 5, Stdout = 6, Stderr = 7 };

/// What END_REQUEST says (FastCGI 1.0 section 5.5).
enum class ProtocolStatus : uint8_t { Complete = 0, CantMultiplex = 1, Overloaded = 2, UnknownRole = 3 };

/// The eight bytes before `length` bytes of content.
void encodeHeader(char* to, Type type, size_t length);
/// BEGIN_REQUEST for the responder role. `keep`: the backend leaves the connection open after END_REQUEST.
void appendBegin(std::string& to, bool keep);
void appendAbort(std::string& to);

/// Writes one PARAMS stream at the end of a string; finish() exactly once.
class ParamsWriter {
 public:
    /// What the two lengths of a pair take at most.
    static constexpr size_t kMostLengths = 8;

    /// `room`: for all pairs, kMostLengths each included; with less than that it grows as it goes.
    explicit ParamsWriter(std::string& to, size_t room = 0);
    void add(std::string_view name, std::string_view value);
    /// Ends the stream, split into records where it is longer than one.
    void finish();

 private:
    std::string& to_;
    size_t start_;  // of the first record's header
    size_t end_;    // of what is written; behind it is room
};

/// One thing that the backend said.
struct Event {
    enum class Kind : uint8_t {
        NeedMore,  // the input is used up
        Stdout,    // `data` is a piece of the response, never empty
        Stderr,    // `data` is a piece of the error stream, never empty
        End,       // END_REQUEST, see `status` and `app_status`
        Bad,       // the backend broke the protocol, see Decoder::cause(); close the connection
    };
    Kind kind = Kind::NeedMore;
    ProtocolStatus status = ProtocolStatus::Complete;
    uint32_t app_status = 0;
    std::string_view data{};
};

/// The records of one response, in pieces of any size. The same bytes give the same stream of events whatever the
/// pieces, except that `data` may come in more or fewer slices.
class Decoder {
 public:
    /// The next event; takes its bytes off `input`. `data` points into `input`. After End or Bad: reset() first.
    Event next(std::string_view& input);
    /// For the next request on the same connection.
    void reset() { *this = Decoder(); }
    /// No byte of an unfinished record, padding included, is missing.
    bool isAtBoundary() const { return have_ == 0 && content_ == 0 && padding_ == 0; }
    /// Why Bad.
    const std::string& cause() const { return cause_; }

 private:
    bool takeHeader(std::string_view& input);
    bool checkHeader();
    Event takeContent(std::string_view& input);
    Event takeEnd(std::string_view& input);
    bool refuse(std::string why);
    void skipPadding(std::string_view& input);

    unsigned char header_[kHeaderSize] = {};  // of the record being read; then the body of END_REQUEST
    uint8_t have_ = 0;                        // bytes in header_
    uint8_t type_ = 0;
    uint16_t content_ = 0;  // bytes of content that are still to come
    uint8_t padding_ = 0;
    bool in_content_ = false, stdout_ended_ = false;
    std::string cause_;
};

}  // namespace turnpike::fastcgi
