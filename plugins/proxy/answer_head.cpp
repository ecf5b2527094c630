#include "answer_head.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "sdk/http/field_line.h"
#include "sdk/plugin.hpp"

// The result does not depend on how the input was cut: a line is first held against its limits, which needs no
// more than the bytes so far, then, with its LF, against the grammar; what needs several fields is judged at the
// end.

namespace turnpike::proxy {
namespace {

constexpr std::string_view kBegin = "HTTP/1.";

/// Fields of this connection only, whether Connection names them or not, and the length, which the host tells.
bool isOfConnection(std::string_view name) {
    static constexpr std::string_view kNames[] = {
        "connection", "content-length", "keep-alive",        "proxy-connection",
        "te",         "trailer",        "transfer-encoding", "upgrade"};
    return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

/// Never hop-by-hop: naming them in Connection would change what the answer means.
bool isEssential(std::string_view name) { return name.starts_with("content-") || name == "cache-control"; }

template <class Each>
bool anyOption(const std::vector<tp_str>& lists, Each each) {
    return std::any_of(lists.begin(), lists.end(), [&](tp_str list) {
        http::ListReader reader(text(list));
        std::string_view option;
        while (reader.next(option))
            if (each(option)) return true;
        return false;
    });
}

}  // namespace

void AnswerHead::reset() {
    state_ = State::More;
    reason_.clear();
    line_ = seen_ = field_count_ = 0;
    status_ = 0;
    is_1_0_ = has_length_ = has_coding_ = keeps_open_ = false;
    length_ = TP_LENGTH_UNKNOWN;
    upgrade_ = {};
    connection_.clear();
    fields_.clear();
}

AnswerHead::State AnswerHead::refuse(std::string_view why) {
    reason_ = why;
    return state_ = State::Bad;
}

AnswerHead::State AnswerHead::parse(char* data, size_t size) {
    if (state_ == State::More && line_ == 0 &&
        std::memcmp(data, kBegin.data(), std::min(size, kBegin.size())) != 0)
        return refuse("what is no HTTP/1.x answer");
    while (state_ == State::More) {
        const void* feed = std::memchr(data + seen_, '\n', size - seen_);
        const size_t end = feed != nullptr ? static_cast<size_t>(static_cast<const char*>(feed) - data) : size;
        const bool returned = end > line_ && data[end - 1] == '\r';
        const size_t content = end - line_ - (returned ? 1 : 0);
        if (line_ + content + 2 > kMostBytes) return refuse("a head of more than 32 KiB");
        if (feed == nullptr) {
            seen_ = size;
            break;
        }
        if (!returned) return refuse("a line that does not end in CRLF");
        char* const line = data + line_;
        line_ = seen_ = end + 1;
        takeLine(line, content);
    }
    return state_;
}

AnswerHead::State AnswerHead::takeLine(char* line, size_t size) {
    if (status_ == 0) return takeStatusLine({line, size});
    if (size == 0) return conclude();
    if (++field_count_ > kMostFields) return refuse("more than 100 fields");
    tp_field field;
    if (const http::Refusal refusal = http::parseFieldLine(line, size, field); refusal.status != 0)
        return refuse(refusal.reason);
    return takeField(field);
}

/// HTTP-version SP 3DIGIT SP [ reason-phrase ] (RFC 9112 section 4). The last SP is missing from many upstreams.
AnswerHead::State AnswerHead::takeStatusLine(std::string_view line) {
    const size_t code = kBegin.size() + 2;
    const bool has_version = line.size() >= code + 3 && (line[7] == '0' || line[7] == '1') && line[8] == ' ';
    if (!has_version) return refuse("a bad status line");
    is_1_0_ = line[7] == '0';
    for (char digit : line.substr(code, 3)) {
        if (!http::isDigit(digit)) return refuse("a bad status line");
        status_ = status_ * 10 + static_cast<unsigned>(digit - '0');
    }
    const std::string_view rest = line.substr(code + 3);
    if ((!rest.empty() && rest.front() != ' ') || !http::isFieldText(rest)) return refuse("a bad status line");
    if (status_ < 100 || status_ > 599) return refuse("a status that does not exist");
    if (is_1_0_ && status_ < 200) return refuse("an interim answer in HTTP/1.0");
    return state_;
}

AnswerHead::State AnswerHead::takeField(const tp_field& field) {
    const std::string_view name = text(field.name), value = text(field.value);
    if (name == "content-length") return takeLength(value);
    if (name == "transfer-encoding") {
        if (has_coding_) return refuse("more than one Transfer-Encoding");
        has_coding_ = true;
        // Only "chunked" alone is understood; anything else leaves the body's length open.
        if (!http::equalsLower(value, "chunked")) return refuse("a transfer coding that is not \"chunked\"");
    } else if (name == "connection") {
        connection_.push_back(field.value);
    } else if (name == "upgrade") {
        upgrade_ = value;
    }
    if (!isOfConnection(name)) fields_.push_back(field);
    return state_;
}

/// Also two that are alike: who forwards both would make the next reader's trouble (RFC 9112 section 6.3).
AnswerHead::State AnswerHead::takeLength(std::string_view value) {
    if (has_length_) return refuse("more than one Content-Length");
    has_length_ = true;
    if (!http::readLength(value, length_)) return refuse("a bad Content-Length");
    return state_;
}

bool AnswerHead::isNamed(std::string_view name) const {
    return !isEssential(name) &&
           anyOption(connection_, [&](std::string_view option) { return http::equalsLower(option, name); });
}

/// RFC 9112 section 9.3.
void AnswerHead::concludeConnection() {
    const auto says = [this](std::string_view wanted) {
        return anyOption(connection_, [&](std::string_view option) { return http::equalsLower(option, wanted); });
    };
    keeps_open_ = !says("close") && (!is_1_0_ || says("keep-alive"));
    if (!says("upgrade")) upgrade_ = {};
    if (!connection_.empty()) std::erase_if(fields_, [this](const tp_field& f) { return isNamed(text(f.name)); });
}

AnswerHead::State AnswerHead::conclude() {
    if (has_coding_ && has_length_) return refuse("Transfer-Encoding and Content-Length");
    if (has_coding_ && is_1_0_) return refuse("Transfer-Encoding in HTTP/1.0");
    concludeConnection();
    if (status_ == 101 && upgrade_.empty()) return refuse("101 without Upgrade");
    if (framing(false) == Framing::Close) keeps_open_ = false;
    return state_ = State::Complete;
}

Framing AnswerHead::framing(bool to_head) const {
    if (to_head || status_ < 200 || status_ == 204 || status_ == 304) return Framing::None;
    if (has_coding_) return Framing::Chunked;
    return has_length_ ? Framing::Length : Framing::Close;
}

}  // namespace turnpike::proxy
