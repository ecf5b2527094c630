#include "net/tls_wire.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace turnpike::net {
namespace {

/// The first byte of a TLS record that holds a handshake, or an alert (RFC 8446 5.1).
constexpr unsigned char kHandshakeRecord = 0x16, kAlertRecord = 0x15;
/// As many bytes of something else tell a method from noise.
constexpr size_t kTelling = 4;

bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

const BIO_METHOD* TlsWire::method() {
    static const BIO_METHOD* const made = [] {
        BIO_METHOD* to = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "turnpike socket");
        if (to == nullptr) return to;
        BIO_meth_set_read_ex(to, onRead);
        BIO_meth_set_write_ex(to, onWrite);
        BIO_meth_set_ctrl(to, onControl);
        return to;
    }();
    return made;
}

BIO* TlsWire::makeBio() {
    BIO* bio = method() != nullptr ? BIO_new(method()) : nullptr;
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    return bio;
}

int TlsWire::onRead(BIO* bio, char* to, size_t size, size_t* done) {
    auto& self = *static_cast<TlsWire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const int got = self.read(to, size);
    if (got == -EAGAIN) BIO_set_retry_read(bio);
    *done = got > 0 ? static_cast<size_t>(got) : 0;
    return got > 0 ? 1 : 0;
}

int TlsWire::onWrite(BIO* bio, const char* data, size_t size, size_t* done) {
    auto& self = *static_cast<TlsWire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const bool taken = self.put(data, size) == 0;
    *done = taken ? size : 0;
    return taken ? 1 : 0;
}

long TlsWire::onControl(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    return command == BIO_CTRL_EOF && static_cast<TlsWire*>(BIO_get_data(bio))->is_ended_ ? 1 : 0;
}

int TlsWire::read(char* to, size_t size) {
    if (is_drained_) return -EAGAIN;
    const int64_t got = os::recv(fd_.get(), to, size, class_);
    is_drained_ = got < static_cast<int64_t>(size);
    is_empty_ = got == -EAGAIN;
    if (got == 0) is_ended_ = true;
    if (got < 0 && got != -EAGAIN) error_ = got;
    if (got > 0 && first_ != First::Record && !judgeFirst(to, static_cast<size_t>(got))) return -EAGAIN;
    return static_cast<int>(got);
}

/// A server may refuse at once; a client has nothing to refuse yet.
bool TlsWire::isRecord(unsigned char first) const {
    return first == kHandshakeRecord || (role_ == TlsRole::Client && first == kAlertRecord);
}

/// False: these bytes are not for OpenSSL.
bool TlsWire::judgeFirst(const char* data, size_t size) {
    if (plain_.empty() && isRecord(static_cast<unsigned char>(data[0]))) {
        first_ = First::Record;
        return true;
    }
    plain_.append(data, size);
    const size_t seen = std::min(plain_.size(), kTelling);
    const bool is_method = std::all_of(plain_.begin(), plain_.begin() + static_cast<ptrdiff_t>(seen),
                                       [](char c) { return isUpper(c) || c == ' '; });
    // "PRI": HTTP/2 in plain has no answer that its client would understand.
    if (!is_method || !isUpper(plain_[0]) || plain_.starts_with("PRI"))
        error_ = -EPROTO;
    else if (seen == kTelling)
        first_ = First::Plain;
    return false;
}

int64_t TlsWire::put(const char* data, size_t size) {
    if (gathered_ == nullptr) return push(data, size, more_);
    gathered_->append(data, size);
    return 0;
}

int64_t TlsWire::push(const char* data, size_t size, bool more) {
    if (error_ < 0) return error_;
    size_t done = 0;
    if (waiting() == 0) {
        const int64_t sent = os::send(fd_.get(), data, size, more, class_);
        if (sent < 0 && sent != -EAGAIN) return error_ = sent;
        done = sent > 0 ? static_cast<size_t>(sent) : 0;
    }
    if (waiting() + size - done > kMostWaiting) return error_ = -ENOBUFS;
    if (waiting_begin_ > waiting_.size() / 2) {
        waiting_.erase(0, waiting_begin_);
        waiting_begin_ = 0;
    }
    waiting_.append(data + done, size - done);
    return 0;
}

int64_t TlsWire::flush() {
    while (waiting() > 0) {
        const int64_t sent = os::send(fd_.get(), waiting_.data() + waiting_begin_, waiting(), more_, class_);
        if (sent < 0 && sent != -EAGAIN) error_ = sent;
        if (sent < 0) return sent;
        waiting_begin_ += static_cast<size_t>(sent);
    }
    if (waiting_begin_ > 0) std::string().swap(waiting_);  // an idle connection keeps none
    waiting_begin_ = 0;
    return 0;
}

}  // namespace turnpike::net
