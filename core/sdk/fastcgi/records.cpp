#include "sdk/fastcgi/records.h"

#include <algorithm>
#include <cstring>

namespace turnpike::fastcgi {
namespace {

constexpr char kVersion = 1;
constexpr size_t kEndSize = 8;
constexpr size_t kMaxContent = 65535;

char low(size_t value) { return static_cast<char>(value & 0xff); }

void appendHeader(std::string& to, Type type, size_t length) {
    char header[kHeaderSize];
    encodeHeader(header, type, length);
    to.append(header, kHeaderSize);
}

/// FastCGI 1.0 section 3.4: one byte below 128, otherwise four with the highest bit set.
char* writeLength(char* to, size_t length) {
    if (length < 128) {
        *to = low(length);
        return to + 1;
    }
    to[0] = static_cast<char>(low(length >> 24) | '\x80');
    to[1] = low(length >> 16);
    to[2] = low(length >> 8);
    to[3] = low(length);
    return to + 4;
}

std::string number(unsigned value) { return std::to_string(value); }

}  // namespace

void encodeHeader(char* to, Type type, size_t length) {
    to[0] = kVersion;
    to[1] = static_cast<char>(type);
    to[2] = low(kRequestId >> 8);
    to[3] = low(kRequestId);
    to[4] = low(length >> 8);
    to[5] = low(length);
    to[6] = 0;
    to[7] = 0;
}

void appendBegin(std::string& to, bool keep) {
    constexpr char kResponder = 1, kKeepConnection = 1;
    appendHeader(to, Type::Begin, 8);
    const char body[8] = {0, kResponder, keep ? kKeepConnection : '\0', 0, 0, 0, 0, 0};
    to.append(body, sizeof body);
}

void appendAbort(std::string& to) { appendHeader(to, Type::Abort, 0); }

ParamsWriter::ParamsWriter(std::string& to, size_t room) : to_(to), start_(to.size()), end_(start_ + kHeaderSize) {
    to_.resize(end_ + room);
}

void ParamsWriter::add(std::string_view name, std::string_view value) {
    const size_t most = kMostLengths + name.size() + value.size();
    if (to_.size() - end_ < most) to_.resize(end_ + most);
    char* at = writeLength(to_.data() + end_, name.size());
    at = writeLength(at, value.size());
    at = std::copy(name.begin(), name.end(), at);
    at = std::copy(value.begin(), value.end(), at);
    end_ = static_cast<size_t>(at - to_.data());
}

void ParamsWriter::finish() {
    to_.resize(end_);
    size_t first = start_ + kHeaderSize, total = to_.size() - first;
    if (total <= kMaxContent) {
        encodeHeader(to_.data() + start_, Type::Params, total);
        if (total > 0) appendHeader(to_, Type::Params, 0);
        return;
    }
    std::string stream = to_.substr(first);
    to_.resize(start_);
    for (size_t at = 0; at < stream.size(); at += kMaxChunk) {
        size_t length = std::min(kMaxChunk, stream.size() - at);
        appendHeader(to_, Type::Params, length);
        to_.append(stream, at, length);
    }
    appendHeader(to_, Type::Params, 0);
}

Event Decoder::next(std::string_view& input) {
    while (!input.empty()) {
        if (!in_content_ && padding_ > 0) {
            skipPadding(input);
        } else if (!in_content_) {
            if (!takeHeader(input)) return {};
            if (!checkHeader()) return {.kind = Event::Kind::Bad};
        } else {
            Event event = takeContent(input);
            if (event.kind != Event::Kind::NeedMore) return event;
        }
    }
    return {};
}

bool Decoder::takeHeader(std::string_view& input) {
    size_t take = std::min<size_t>(kHeaderSize - have_, input.size());
    std::memcpy(header_ + have_, input.data(), take);
    have_ = static_cast<uint8_t>(have_ + take);
    input.remove_prefix(take);
    return have_ == kHeaderSize;
}

bool Decoder::checkHeader() {
    unsigned id = static_cast<unsigned>(header_[2]) << 8 | header_[3];
    type_ = header_[1];
    content_ = static_cast<uint16_t>(header_[4] << 8 | header_[5]);
    padding_ = header_[6];
    have_ = 0;
    Type type{type_};
    if (header_[0] != kVersion) return refuse("a record of version " + number(header_[0]));
    if (type != Type::End && type != Type::Stdout && type != Type::Stderr)
        return refuse("a record of type " + number(type_) + ", which no responder sends");
    if (id != kRequestId) return refuse("a record of request " + number(id) + ", which was never sent");
    if (type == Type::End && content_ != kEndSize)
        return refuse("an END_REQUEST record of " + number(content_) + " bytes instead of 8");
    if (type == Type::Stdout && stdout_ended_) return refuse("a STDOUT record after the end of that stream");
    // An empty record ends its stream (FastCGI 1.0 section 3.3).
    if (content_ == 0 && type == Type::Stdout) stdout_ended_ = true;
    in_content_ = content_ > 0;
    return true;
}

Event Decoder::takeContent(std::string_view& input) {
    if (Type{type_} == Type::End) return takeEnd(input);
    size_t take = std::min<size_t>(content_, input.size());
    Event event{.kind = Type{type_} == Type::Stdout ? Event::Kind::Stdout : Event::Kind::Stderr,
                .data = input.substr(0, take)};
    input.remove_prefix(take);
    content_ = static_cast<uint16_t>(content_ - take);
    in_content_ = content_ > 0;
    return event;
}

Event Decoder::takeEnd(std::string_view& input) {
    if (!takeHeader(input)) return {};
    have_ = 0;
    content_ = 0;
    in_content_ = false;
    skipPadding(input);
    if (header_[4] > static_cast<uint8_t>(ProtocolStatus::UnknownRole)) {
        refuse("an END_REQUEST record with the unknown status " + number(header_[4]));
        return {.kind = Event::Kind::Bad};
    }
    uint32_t app = 0;
    for (int i = 0; i < 4; ++i) app = app << 8 | header_[i];
    return {.kind = Event::Kind::End, .status = ProtocolStatus{header_[4]}, .app_status = app};
}

void Decoder::skipPadding(std::string_view& input) {
    size_t skip = std::min<size_t>(padding_, input.size());
    padding_ = static_cast<uint8_t>(padding_ - skip);
    input.remove_prefix(skip);
}

bool Decoder::refuse(std::string why) {
    cause_ = std::move(why);
    return false;
}

}  // namespace turnpike::fastcgi
