#include "http/request_head.h"

#include <algorithm>
#include <cstring>

#include "http/request_fields.h"
#include "http/request_line.h"
#include "http/syntax.h"

// How the result is kept independent of the way the input was split: errors are found in the order of the wire. A
// line is first held against its limit, which needs no more than the bytes so far, then, with its LF, against the
// grammar; what needs several fields is judged at the empty line. No step looks at bytes behind the line it is at.

namespace turnpike::http {
namespace {

struct Buffer {
    char* data;
    size_t size;
    size_t seen;  // no LF that ends the line at hand stands before it
};

struct Line {
    enum class State : uint8_t { Partial, Whole, TooLong, BareLineFeed };
    State state;
    size_t size;  // Whole: without CRLF
};

HeadResult refuse(const Refusal& refusal) { return {Parse::Refused, 0, refusal.status, refusal.reason}; }
constexpr HeadResult kIncomplete{Parse::Incomplete, 0, 0, ""};
constexpr char kTlsHandshake = 0x16;  // the first byte of its record (RFC 8446 section 5.1)
constexpr Refusal kBareLineFeed{400, "line that does not end in CRLF"};

/// Finds the end of the line that begins at `begin`, of which at most `limit` bytes are taken.
Line readLine(const Buffer& buffer, size_t begin, size_t limit) {
    const char* line = buffer.data + begin;
    const size_t from = std::max(begin, buffer.seen);
    const void* feed = from < buffer.size ? std::memchr(buffer.data + from, '\n', buffer.size - from) : nullptr;
    const size_t size =
        feed != nullptr ? static_cast<size_t>(static_cast<const char*>(feed) - line) : buffer.size - begin;
    const bool returned = size > 0 && line[size - 1] == '\r';
    const size_t content = size - (returned ? 1 : 0);
    if (content > limit) return {Line::State::TooLong, 0};
    if (feed == nullptr) return {Line::State::Partial, 0};
    return {returned ? Line::State::Whole : Line::State::BareLineFeed, content};
}

/// Where the request line begins: at most two empty lines before it are skipped (RFC 9112 section 2.2 asks for
/// one). Refused at the first byte that begins no method, so that a TLS client need not wait for its answer.
HeadResult findBegin(const Buffer& buffer) {
    size_t begin = 0;
    while (begin < buffer.size && begin < 4 && buffer.data[begin] == "\r\n"[begin % 2]) ++begin;
    if (begin == buffer.size) return kIncomplete;
    if (begin % 2 != 0) return refuse(kBareLineFeed);
    if (buffer.data[begin] == kTlsHandshake) return refuse({400, "TLS came to a port that speaks plain HTTP"});
    if (!isTokenByte(buffer.data[begin])) return refuse({400, "this does not begin an HTTP request"});
    return {Parse::Complete, begin, 0, ""};
}

/// The lines of fields, one after the other.
class FieldLines {
 public:
    FieldLines(const Buffer& buffer, const HeadLimits& limits, size_t first, size_t position)
        : buffer_(buffer), limits_(limits), first_(first), position_(position) {}

    /// Complete: `field` is the next. Incomplete: it has not come yet, or `atEnd()`.
    HeadResult next(tp_field& field) {
        const Line line = readLine(buffer_, position_, limit());
        if (line.state == Line::State::Partial) return kIncomplete;
        if (line.state == Line::State::TooLong) return refuse({431, "fields too large"});
        if (line.state == Line::State::BareLineFeed) return refuse(kBareLineFeed);
        char* const begin = buffer_.data + position_;
        position_ += line.size + 2;
        at_end_ = line.size == 0;
        if (at_end_) return kIncomplete;
        const Refusal refusal = parseFieldLine(begin, line.size, field);
        return refusal.status == 0 ? HeadResult{Parse::Complete, 0, 0, ""} : refuse(refusal);
    }
    bool atEnd() const { return at_end_; }
    size_t position() const { return position_; }

 private:
    size_t limit() const {
        const size_t used = position_ - first_ + 2;
        return used < limits_.total ? std::min(limits_.field, limits_.total - used) : 0;
    }

    Buffer buffer_;
    const HeadLimits& limits_;
    size_t first_, position_;
    bool at_end_ = false;
};

/// Parses all of it from the request line at `begin` on.
HeadResult parseWhole(const Buffer& buffer, size_t begin, const HeadLimits& limits, RequestHead& head) {
    const Line line = readLine(buffer, begin, limits.line);
    if (line.state == Line::State::Partial) return kIncomplete;
    if (line.state == Line::State::TooLong) return refuse({414, "request line too long"});
    if (line.state == Line::State::BareLineFeed) return refuse(kBareLineFeed);
    Authority target;
    Refusal refusal = parseRequestLine(buffer.data + begin, line.size, head, target);
    if (refusal.status != 0) {
        head.method_name = head.target = {};
        return refuse(refusal);
    }

    const size_t first = begin + line.size + 2;
    FieldLines lines({buffer.data, buffer.size, 0}, limits, first, first);
    RequestFields fields(limits, head);
    tp_field field;
    HeadResult result = lines.next(field);
    for (; result.state == Parse::Complete; result = lines.next(field)) fields.add(field);
    if (!lines.atEnd()) return result;
    refusal = fields.conclude(target);
    if (refusal.status != 0) return refuse(refusal);
    return {Parse::Complete, lines.position(), 0, ""};
}

/// Checks the field lines that were completed since the last call. Complete: the empty line is among them.
HeadResult checkNewLines(const Buffer& buffer, size_t first, size_t position, const HeadLimits& limits) {
    FieldLines lines(buffer, limits, first, position);
    tp_field field;
    HeadResult result = lines.next(field);
    while (result.state == Parse::Complete) result = lines.next(field);
    return lines.atEnd() ? HeadResult{Parse::Complete, 0, 0, ""} : result;
}

}  // namespace

HeadResult parseRequestHead(char* data, size_t size, size_t seen, const HeadLimits& limits, RequestHead& head) {
    tp_field* const array = head.fields;
    head = RequestHead{};
    head.fields = array;
    const Buffer buffer{data, size, seen};
    const HeadResult begin = findBegin(buffer);
    if (begin.state != Parse::Complete) return begin;

    const size_t start = begin.consumed;
    const void* last_feed = seen > start ? memrchr(data + start, '\n', seen - start) : nullptr;
    if (last_feed != nullptr) {
        const auto* first_feed = static_cast<const char*>(std::memchr(data + start, '\n', seen - start));
        const auto line = static_cast<size_t>(static_cast<const char*>(last_feed) - data) + 1;
        const HeadResult checked = checkNewLines(buffer, static_cast<size_t>(first_feed - data) + 1, line, limits);
        if (checked.state != Parse::Complete) return checked;
        return parseWhole({data, size, 0}, start, limits, head);
    }
    return parseWhole(buffer, start, limits, head);
}

}  // namespace turnpike::http
