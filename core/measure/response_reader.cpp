#include "measure/response_reader.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace turnpike::measure {
namespace {

constexpr size_t kMostHead = 65536;

bool sameWord(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

template <class Number>
bool parseNumber(std::string_view text, Number& to) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

ResponseReader::State ResponseReader::refuse(std::string why) {
    reason_ = std::move(why);
    return State::Bad;
}

ResponseReader::State ResponseReader::feed(std::string_view data, size_t* consumed) {
    *consumed = 0;
    if (!in_body_) {
        State state = takeHead(data, consumed);
        if (state != State::More || !in_body_) return state;
    }
    size_t more = 0;
    State state = takeBody(data.substr(*consumed), &more);
    *consumed += more;
    return state;
}

ResponseReader::State ResponseReader::takeHead(std::string_view data, size_t* consumed) {
    // The empty line may be cut anywhere, so the search begins three bytes back.
    size_t from = head_.size() < 3 ? 0 : head_.size() - 3;
    size_t before = head_.size();
    head_.append(data.substr(0, kMostHead));
    size_t end = head_.find("\r\n\r\n", from);
    if (end == std::string::npos) {
        *consumed = data.size();
        return head_.size() > kMostHead ? refuse("a response head over 64 KiB") : State::More;
    }
    *consumed = end + 4 - before;
    head_.resize(end + 2);
    if (!readHead()) return State::Bad;
    head_.clear();
    if (status_ < 200) {  // RFC 9110 15.2: an interim response; the real one follows
        size_t more = 0;
        reset();
        State state = feed(data.substr(*consumed), &more);
        *consumed += more;
        return state;
    }
    in_body_ = true;
    return State::More;
}

bool ResponseReader::readHead() {
    std::string_view rest = head_;
    for (bool first = true; !rest.empty(); first = false) {
        size_t end = rest.find("\r\n");
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 2);
        if (!(first ? readStatusLine(line) : readField(line))) return false;
    }
    if (status_ == 204 || status_ == 304) framing_ = Body::None;  // RFC 9112 6.3
    if (framing_ == Body::UntilClose) keep_alive_ = false;
    return true;
}

bool ResponseReader::readStatusLine(std::string_view line) {
    bool version = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
    if (!version || line.size() < 12 || !parseNumber(line.substr(9, 3), status_) || status_ < 100) {
        refuse("not a status line: " + std::string(line.substr(0, 80)));
        return false;
    }
    keep_alive_ = line[7] == '1';
    return true;
}

bool ResponseReader::readField(std::string_view line) {
    size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
        refuse("a field without a colon");
        return false;
    }
    std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
    if (sameWord(name, "connection")) keep_alive_ = !sameWord(value, "close");
    if (sameWord(name, "transfer-encoding") && sameWord(value, "chunked")) framing_ = Body::Chunked;
    if (sameWord(name, "content-length")) {
        if (!parseNumber(value, left_)) {
            refuse("not a Content-Length: " + std::string(value));
            return false;
        }
        if (framing_ != Body::Chunked) framing_ = Body::Length;
    }
    return true;
}

ResponseReader::State ResponseReader::takeBody(std::string_view data, size_t* consumed) {
    switch (framing_) {
        case Body::None:
            return State::Complete;
        case Body::Chunked:
            return takeChunks(data, consumed);
        case Body::UntilClose:
            *consumed = data.size();
            body_ += data.size();
            return State::More;
        case Body::Length:
            break;
    }
    *consumed = static_cast<size_t>(std::min<uint64_t>(left_, data.size()));
    left_ -= *consumed;
    body_ += *consumed;
    return left_ == 0 ? State::Complete : State::More;
}

ResponseReader::State ResponseReader::takeChunks(std::string_view data, size_t* consumed) {
    for (;;) {
        http::ChunkedDecoder::Step step = chunks_.feed(data.substr(*consumed));
        *consumed += step.consumed;
        body_ += step.data.size();
        switch (step.state) {
            case http::ChunkedDecoder::State::More:
                return State::More;
            case http::ChunkedDecoder::State::End:
                return State::Complete;
            case http::ChunkedDecoder::State::Bad:
                return refuse(std::string("bad chunk: ") + chunks_.reason());
            case http::ChunkedDecoder::State::Data:
                break;
        }
    }
}

ResponseReader::State ResponseReader::close() {
    if (in_body_ && framing_ == Body::UntilClose) return State::Complete;
    if (!in_body_ && head_.empty()) return refuse("the server closed without an answer");
    return refuse("the server closed in the middle of an answer");
}

}  // namespace turnpike::measure
