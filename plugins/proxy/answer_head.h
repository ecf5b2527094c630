// answer_head.h - the head of an upstream's answer, parsed strictly (RFC 9112): whatever two readers could frame
// differently is refused. Pure; one object reads one head after the other; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/plugin.h"

namespace turnpike::proxy {

/// How the end of a body is told (RFC 9112 section 6.3).
enum class Framing : uint8_t { None, Length, Chunked, Close };

class AnswerHead {
 public:
    static constexpr size_t kMostBytes = 32768;
    static constexpr size_t kMostFields = 100;

    enum class State : uint8_t { More, Complete, Bad };

    /// Ready for another head.
    void reset();
    /// `data`: from the head's first byte on, the same memory each time, of which `size` bytes are there by now.
    /// Names are turned to lower case in place; after Complete the views below point into it. Bad: see reason().
    State parse(char* data, size_t size);
    State state() const { return state_; }
    const std::string& reason() const { return reason_; }

    /// Complete: bytes of the head, with its empty line.
    size_t size() const { return line_; }
    /// 100 to 599.
    unsigned status() const { return status_; }
    /// Another answer to the same request follows (RFC 9110 section 15.2); 101 is none of these.
    bool isInterim() const { return status_ < 200 && status_ != 101; }
    /// The body of an answer to HEAD or to anything else.
    Framing framing(bool to_head) const;
    /// Content-Length, or TP_LENGTH_UNKNOWN.
    int64_t length() const { return length_; }
    /// The connection may carry another request once the answer has ended.
    bool keepsOpen() const { return keeps_open_; }
    /// Of a 101: the protocol that the connection speaks from here on.
    std::string_view upgrade() const { return upgrade_; }
    /// What the client may see: all but what concerns this connection only (RFC 9110 section 7.6.1), and
    /// Content-Length.
    const std::vector<tp_field>& fields() const { return fields_; }

 private:
    State refuse(std::string_view why);
    State takeLine(char* line, size_t size);
    State takeStatusLine(std::string_view line);
    State takeField(const tp_field& field);
    State takeLength(std::string_view value);
    State conclude();
    void concludeConnection();
    bool isNamed(std::string_view name) const;

    State state_ = State::More;
    std::string reason_;
    size_t line_ = 0, seen_ = 0;  // where the unfinished line begins; no LF stands before
    size_t field_count_ = 0;
    unsigned status_ = 0;
    bool is_1_0_ = false, has_length_ = false, has_coding_ = false, keeps_open_ = false;
    int64_t length_ = TP_LENGTH_UNKNOWN;
    std::string_view upgrade_;
    std::vector<tp_str> connection_;  // values of Connection
    std::vector<tp_field> fields_;
};

}  // namespace turnpike::proxy
