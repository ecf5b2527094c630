#include "measure/load/response_reader.h"

#include <algorithm>
#include <charconv>

#include "http/syntax.h"

namespace turnpike::measure {
namespace {

constexpr size_t kMostHead = 65536;

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

void ResponseReader::reset() {
    head_.clear();
    reason_.clear();
    chunks_ = {};
    framing_ = Body::UntilClose;
    status_ = 0;
    left_ = body_ = 0;
    in_body_ = false;
    keep_alive_ = true;
}

ResponseReader::State ResponseReader::feed(std::string_view data, size_t* consumed) {
    *consumed = 0;
    while (!in_body_) {
        size_t more = 0;
        State state = takeHead(data.substr(*consumed), &more);
        *consumed += more;
        if (state != State::Complete) return state;
    }
    size_t more = 0;
    State state = takeBody(data.substr(*consumed), &more);
    *consumed += more;
    return state;
}

/// Complete: a head has ended.
ResponseReader::State ResponseReader::takeHead(std::string_view data, size_t* consumed) {
    size_t end = head_.empty() ? data.find("\r\n\r\n") : std::string_view::npos;
    if (end != std::string_view::npos) {
        *consumed = end + 4;
        return endHead(data.substr(0, end + 2));
    }
    // The empty line may be cut anywhere, so the search begins three bytes back.
    size_t before = head_.size();
    head_.append(data.substr(0, kMostHead));
    end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == std::string::npos) {
        *consumed = data.size();
        return head_.size() > kMostHead ? refuse("a response head over 64 KiB") : State::More;
    }
    *consumed = end + 4 - before;
    State state = endHead(std::string_view(head_).substr(0, end + 2));
    head_.clear();
    return state;
}

/// `head`: its lines, without the empty one.
ResponseReader::State ResponseReader::endHead(std::string_view head) {
    if (!readHead(head)) return State::Bad;
    if (status_ >= 200) {
        in_body_ = true;
        return State::Complete;
    }
    framing_ = Body::UntilClose;  // RFC 9110 15.2: an interim response; the real one follows
    return State::Complete;
}

bool ResponseReader::readHead(std::string_view rest) {
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
    std::string_view name = line.substr(0, colon), value = http::trimBlanks(line.substr(colon + 1));
    if (http::equalsLower(name, "connection")) keep_alive_ = !http::equalsLower(value, "close");
    if (http::equalsLower(name, "transfer-encoding") && http::equalsLower(value, "chunked"))
        framing_ = Body::Chunked;
    if (http::equalsLower(name, "content-length")) {
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
    if (!in_body_ && head_.empty() && status_ == 0) return refuse("the server closed without an answer");
    return refuse("the server closed in the middle of an answer");
}

}  // namespace turnpike::measure
