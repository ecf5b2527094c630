#include "support/http2_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace turnpike {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

uint32_t readNumber(std::string_view bytes) {
    uint32_t value = 0;
    for (char c : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

}  // namespace

std::string Http2Answer::field(std::string_view name) const {
    for (const auto& [n, v] : fields)
        if (n == name) return v;
    return "";
}

Http2Client::Http2Client(uint16_t port, const std::string& settings) {
    nghttp2_hd_deflate_new(&deflater_, 4096);
    nghttp2_hd_inflate_new(&inflater_);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    closed_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0;
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    send(std::string(kPreface) + frame(kSettings, 0, 0, settings));
}

Http2Client::~Http2Client() {
    if (fd_ >= 0) ::close(fd_);
    nghttp2_hd_deflate_del(deflater_);
    nghttp2_hd_inflate_del(inflater_);
}

bool Http2Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (done > 0) bytes.remove_prefix(static_cast<size_t>(done));
        if (done <= 0 && errno != EAGAIN) return false;
        // A flood whose answers nobody reads would stand still for ever.
        if (done <= 0 && !read(0)) {
            pollfd ready{fd_, POLLOUT | POLLIN, 0};
            if (::poll(&ready, 1, 15'000) <= 0) return false;
        }
        if (closed_) return false;
    }
    return true;
}

std::string Http2Client::number(uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
    return bytes;
}

std::string Http2Client::setting(uint16_t id, uint32_t value) { return number(id).substr(2) + number(value); }

std::string Http2Client::frame(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload) {
    std::string bytes = number(static_cast<uint32_t>(payload.size())).substr(1);
    bytes += static_cast<char>(type);
    bytes += static_cast<char>(flags);
    return bytes + number(stream) + std::string(payload);
}

bool Http2Client::sendFrame(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload) {
    return send(frame(type, flags, stream, payload));
}

std::string Http2Client::block(const Fields& fields) {
    std::vector<nghttp2_nv> nv;
    for (const auto& [name, value] : fields)
        nv.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                      reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
                      NGHTTP2_NV_FLAG_NONE});
    std::string bytes(nghttp2_hd_deflate_bound(deflater_, nv.data(), nv.size()), '\0');
    const ssize_t size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<uint8_t*>(bytes.data()), bytes.size(),
                                               nv.data(), nv.size());
    bytes.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return bytes;
}

Fields Http2Client::fieldsOf(const std::string& method, const std::string& path, const Fields& more) {
    Fields fields = {{":method", method}, {":scheme", "http"}, {":authority", "localhost"}, {":path", path}};
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
}

uint32_t Http2Client::request(const Fields& fields, bool ends) {
    const uint32_t stream = nextStream();
    sendFrame(kHeaders, static_cast<uint8_t>(kEndHeaders | (ends ? kEnd : 0)), stream, block(fields));
    return stream;
}

uint32_t Http2Client::get(const std::string& path, const Fields& more) {
    return request(fieldsOf("GET", path, more));
}

void Http2Client::data(uint32_t stream, std::string_view bytes, bool ends) {
    constexpr size_t kMost = 16384;
    do {
        const std::string_view part = bytes.substr(0, kMost);
        bytes.remove_prefix(part.size());
        sendFrame(kData, ends && bytes.empty() ? kEnd : 0, stream, part);
    } while (!bytes.empty());
}

template <class Condition>
bool Http2Client::until(int ms, Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    while (!condition()) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (closed_ || left.count() <= 0) return false;
        read(static_cast<int>(left.count()));
    }
    return true;
}

const Http2Answer& Http2Client::answer(uint32_t stream, int ms) {
    Http2Answer& answer = answers_[stream];
    until(ms, [&] { return answer.isOver(); });
    return answer;
}

std::optional<uint32_t> Http2Client::goAway(int ms) {
    until(ms, [&] { return go_away_.has_value(); });
    return go_away_;
}

bool Http2Client::waitFor(Type type, int count, int ms) {
    return until(ms, [&] { return counts_[type] >= count; });
}

bool Http2Client::waitClosed(int ms) {
    until(ms, [&] { return closed_; });
    return closed_;
}

void Http2Client::endSending() { ::shutdown(fd_, SHUT_WR); }

void Http2Client::reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(fd_, -1));
    closed_ = true;
}

bool Http2Client::read(int ms) {
    if (closed_) return false;
    pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, ms) <= 0) return false;
    char block[65536];
    const ssize_t got = ::recv(fd_, block, sizeof block, 0);
    if (got <= 0) {
        closed_ = true;
        return false;
    }
    buffer_.append(block, static_cast<size_t>(got));
    constexpr size_t kHead = 9;
    size_t at = 0;
    while (buffer_.size() - at >= kHead) {
        const std::string_view rest = std::string_view(buffer_).substr(at);
        const size_t size = readNumber(rest) >> 8;
        if (rest.size() < kHead + size) break;
        at += kHead + size;
        take(static_cast<uint8_t>(rest[3]), static_cast<uint8_t>(rest[4]), readNumber(rest.substr(5)),
             std::string(rest.substr(kHead, size)));
    }
    buffer_.erase(0, at);
    return true;
}

void Http2Client::take(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload) {
    if (type < std::size(counts_)) ++counts_[type];
    if (type == kData) takeData(stream, payload, (flags & kEnd) != 0);
    if (type == kReset) answers_[stream].reset = readNumber(payload);
    if (type == kSettings && (flags & kAck) == 0) sendFrame(kSettings, kAck, 0);
    if (type == kPing && (flags & kAck) == 0 && answers_pings_) sendFrame(kPing, kAck, 0, payload);
    if (type == kPing && (flags & kAck) != 0) ++acks_;
    if (type == kPing && (flags & kAck) == 0 && !go_away_) ++early_pings_;
    if (type == kWindow) windows_[stream] += readNumber(payload);
    if (type == kGoAway) {
        last_stream_ = readNumber(payload);
        go_away_ = readNumber(payload.substr(4));
    }
    if (type == kHeaders) header_block_.clear(), block_ends_ = (flags & kEnd) != 0;
    if (type != kHeaders && type != kContinue) return;
    header_block_ += payload;
    if ((flags & kEndHeaders) != 0) takeHeaders(stream, block_ends_);
}

void Http2Client::takeHeaders(uint32_t stream, bool ends) {
    Http2Answer& answer = answers_[stream];
    const bool is_trailer = answer.status != 0;
    Fields fields;
    const auto* at = reinterpret_cast<const uint8_t*>(header_block_.data());
    size_t left = header_block_.size();
    for (int flags = 0;;) {
        nghttp2_nv nv;
        const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &nv, &flags, at, left, 1);
        if (used < 0) break;
        at += used;
        left -= static_cast<size_t>(used);
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0)
            fields.emplace_back(std::string(reinterpret_cast<char*>(nv.name), nv.namelen),
                                std::string(reinterpret_cast<char*>(nv.value), nv.valuelen));
        if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
            nghttp2_hd_inflate_end_headers(inflater_);
            break;
        }
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) break;
    }
    answer.ended = answer.ended || ends;
    if (is_trailer) {
        answer.trailers = fields;
        return;
    }
    const int status = fields.empty() ? 0 : std::atoi(fields.front().second.c_str());
    if (status < 200) {
        answer.interim.push_back(status);
        answer.interim_fields.push_back(fields);
        return;
    }
    answer.status = status;
    answer.fields = fields;
}

void Http2Client::takeData(uint32_t stream, std::string_view payload, bool ends) {
    Http2Answer& answer = answers_[stream];
    answer.body += payload;
    ++answer.data_frames;
    answer.ended = answer.ended || ends;
    if (!keeps_windows_ || payload.empty()) return;
    const std::string size = number(static_cast<uint32_t>(payload.size()));
    std::string updates = frame(kWindow, 0, 0, size);
    if (!ends) updates += frame(kWindow, 0, stream, size);
    ::send(fd_, updates.data(), updates.size(), MSG_NOSIGNAL);
}

}  // namespace turnpike
