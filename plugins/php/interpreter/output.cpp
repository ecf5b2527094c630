#include "output.h"

#include <algorithm>
#include <cstring>

namespace turnpike::php {
namespace {

constexpr uint8_t kVersion = 1, kEnd = 3, kStdout = 6, kStderr = 7;
constexpr size_t kEndContent = 8;

char low(size_t value) { return static_cast<char>(value & 0xff); }

}  // namespace

void Output::begin(Stream& stream, uint16_t id) {
    stream_ = &stream;
    id_ = id;
    used_ = 0;
}

void Output::header(char* to, uint8_t type, size_t length) const {
    const char bytes[kRecordHeader] = {
        kVersion, static_cast<char>(type), low(id_ >> 8u), low(id_), low(length >> 8), low(length), 0, 0};
    std::memcpy(to, bytes, sizeof bytes);
}

bool Output::put(std::string_view data) {
    while (!data.empty()) {
        if (used_ == 0 && data.size() >= kCapacity && stream_ != nullptr) {
            if (!sendLarge(data)) return false;
            continue;
        }
        size_t take = std::min(data.size(), kCapacity - used_);
        std::memcpy(buffer_ + kRecordHeader + used_, data.data(), take);
        used_ += take;
        data.remove_prefix(take);
        if (used_ == kCapacity && !flush()) return false;
    }
    return true;
}

bool Output::sendLarge(std::string_view& data) {
    std::string_view part = data.substr(0, kMaxContent);
    char head[kRecordHeader];
    header(head, kStdout, part.size());
    data.remove_prefix(part.size());
    ++sends_;
    if (!stream_->write({head, sizeof head}, part)) {
        drop();
        return false;
    }
    stream_->flush();
    return true;
}

bool Output::flush() {
    if (!send()) return false;
    stream_->flush();
    return true;
}

bool Output::send() {
    if (stream_ == nullptr) {
        used_ = 0;
        return false;
    }
    if (used_ == 0) return true;
    header(buffer_, kStdout, used_);
    ++sends_;
    bool sent = stream_->write({buffer_, kRecordHeader + used_}, {});
    used_ = 0;
    if (!sent) drop();
    return sent;
}

bool Output::log(std::string_view prefix, std::string_view message) {
    if (stream_ == nullptr) return false;
    if (!send()) return false;
    message = message.substr(0, kMaxContent - prefix.size() - 1);
    char head[kRecordHeader];
    header(head, kStderr, prefix.size() + message.size() + 1);
    bool sent = stream_->write({head, sizeof head}, prefix) && stream_->write(message, "\n");
    if (sent) {
        stream_->flush();
    } else {
        drop();
    }
    return sent;
}

bool Output::end(uint32_t app_status) {
    if (stream_ == nullptr) return false;
    size_t begin = used_ == 0 ? kRecordHeader : 0;
    header(buffer_, kStdout, used_);
    char* tail = buffer_ + kRecordHeader + used_;
    header(tail, kEnd, kEndContent);
    const char body[kEndContent] = {
        low(app_status >> 24), low(app_status >> 16), low(app_status >> 8), low(app_status), 0, 0, 0, 0};
    std::memcpy(tail + kRecordHeader, body, sizeof body);
    std::string_view all{buffer_ + begin, kRecordHeader + used_ + kEndRecord - begin};
    used_ = 0;
    bool sent = stream_->write(all, {});
    if (sent) stream_->flush();
    drop();
    return sent;
}

}  // namespace turnpike::php
