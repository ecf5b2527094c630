#include "fcgi_input.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace turnpike::php {
namespace {

using Kind = InputEvent::Kind;
constexpr uint8_t kVersion = 1, kBegin = 1, kAbort = 2, kParams = 4, kStdin = 5;
constexpr uint16_t kBeginSize = 8, kResponder = 1;
constexpr uint8_t kKeepConnection = 1;

uint16_t word(const unsigned char* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }

}  // namespace

Input::Header Input::parse(const unsigned char* bytes) {
    return {.type = bytes[1], .padding = bytes[6], .id = word(bytes + 2), .content = word(bytes + 4)};
}

void Input::restart() {
    have_ = 0;
    content_ = skip_ = 0;
    phase_ = Phase::Begin;
    cause_.clear();
}

InputEvent Input::next(std::string_view& input) {
    while (!input.empty() && phase_ != Phase::Broken) {
        InputEvent event;
        if (content_ > 0) {
            event = takeContent(input);
        } else if (skip_ > 0) {
            skip(input);
        } else if (takeHeader(input)) {
            event = onHeader();
        }
        if (event.kind != Kind::NeedMore) return event;
    }
    return phase_ == Phase::Broken ? InputEvent{.kind = Kind::Bad} : InputEvent{};
}

bool Input::takeHeader(std::string_view& input) {
    size_t take = std::min<size_t>(kRecordHeader - have_, input.size());
    std::memcpy(bytes_ + have_, input.data(), take);
    have_ = static_cast<uint8_t>(have_ + take);
    input.remove_prefix(take);
    return have_ == kRecordHeader;
}

InputEvent Input::onHeader() {
    have_ = 0;
    if (bytes_[0] != kVersion) return refuse("a record of version " + std::to_string(bytes_[0]));
    header_ = parse(bytes_);
    content_ = header_.content;
    skip_ = header_.padding;
    if (phase_ != Phase::Begin) return onRequestRecord();
    if (header_.type != kBegin)
        return refuse("a record of type " + std::to_string(header_.type) + " outside a request");
    if (header_.id == 0) return refuse("a BEGIN_REQUEST record without a request id");
    if (content_ != kBeginSize)
        return refuse("a BEGIN_REQUEST record of " + std::to_string(content_) + " bytes instead of 8");
    return {};
}

InputEvent Input::onRequestRecord() {
    if (header_.id != id_)
        return refuse("a record of request " + std::to_string(header_.id) + " inside request " +
                      std::to_string(id_));
    bool expected = header_.type == kAbort || (header_.type == kParams && phase_ == Phase::Params) ||
                    (header_.type == kStdin && phase_ == Phase::Body);
    if (!expected) return refuse("a record of type " + std::to_string(header_.type) + " out of its order");
    if (header_.type == kAbort && content_ > 0) return refuse("an ABORT_REQUEST record with content");
    return content_ == 0 ? onEmpty() : InputEvent{};
}

// An empty record ends its stream (FastCGI 1.0 section 3.3).
InputEvent Input::onEmpty() {
    if (header_.type == kAbort) return {.kind = Kind::Abort};
    if (header_.type == kParams) return endParams();
    phase_ = Phase::Answer;
    return {.kind = Kind::BodyEnd};
}

InputEvent Input::endParams() {
    if (const char* wrong = params_.load(stream_)) return refuse(wrong);
    phase_ = Phase::Body;
    return {.kind = Kind::Request};
}

InputEvent Input::takeContent(std::string_view& input) {
    if (header_.type == kBegin) return takeBegin(input);
    std::string_view data = input.substr(0, std::min<size_t>(content_, input.size()));
    input.remove_prefix(data.size());
    content_ = static_cast<uint16_t>(content_ - data.size());
    if (phase_ == Phase::Body) return {.kind = Kind::Body, .data = data};
    if (data.size() > Params::kMaxBytes - stream_.size())
        return refuse("more than " + std::to_string(Params::kMaxBytes) + " bytes of parameters");
    stream_.append(data);
    return {};
}

InputEvent Input::takeBegin(std::string_view& input) {
    if (!takeHeader(input)) return {};
    have_ = 0;
    content_ = 0;
    if (word(bytes_) != kResponder) return refuse("a request for the role " + std::to_string(word(bytes_)));
    keep_ = (bytes_[2] & kKeepConnection) != 0;
    id_ = header_.id;
    stream_.clear();
    params_.clear();
    phase_ = Phase::Params;
    return {};
}

void Input::skip(std::string_view& input) {
    size_t take = std::min<size_t>(skip_, input.size());
    skip_ = static_cast<uint16_t>(skip_ - take);
    input.remove_prefix(take);
}

bool Input::announcesAbort(std::string_view ahead) const {
    if (phase_ == Phase::Broken || ahead.size() + have_ < content_ + skip_ + kRecordHeader) return false;
    unsigned char bytes[kRecordHeader];
    std::memcpy(bytes, bytes_, have_);
    size_t have = have_;
    ahead.remove_prefix(static_cast<size_t>(content_) + skip_);
    while (ahead.size() >= kRecordHeader - have) {
        std::memcpy(bytes + have, ahead.data(), kRecordHeader - have);
        ahead.remove_prefix(kRecordHeader - have);
        have = 0;
        Header header = parse(bytes);
        if (header.type == kAbort && header.id == id_) return true;
        size_t length = static_cast<size_t>(header.content) + header.padding;
        if (ahead.size() < length) return false;
        ahead.remove_prefix(length);
    }
    return false;
}

InputEvent Input::refuse(std::string why) {
    cause_ = std::move(why);
    phase_ = Phase::Broken;
    return {.kind = Kind::Bad};
}

}  // namespace turnpike::php
