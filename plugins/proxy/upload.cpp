#include "upload.h"

#include <cerrno>

#include "sdk/http/chunked.h"

namespace turnpike::proxy {

void Upload::reset() {
    constexpr size_t kSmall = 16384;  // most requests have no body: many idle ones must not hold memory
    if (bytes_.capacity() > kSmall) std::string().swap(bytes_);
    bytes_.clear();
    at_ = 0;
    coding_ = Coding::None;
    error_ = 0;
    has_ended_ = true;
    was_let_go_ = was_touched_ = false;
}

/// Once they are many the bytes that were written are given up, and with them the chance to begin again.
void Upload::makeRoom() {
    if (at_ < bytes_.size() || bytes_.size() < kKept) return;
    bytes_.clear();
    at_ = 0;
    was_let_go_ = true;
}

void Upload::feed(std::string_view part, bool is_last) {
    makeRoom();
    const bool is_chunked = coding_ == Coding::Chunked;
    if (is_chunked && !part.empty()) {
        char head[20];
        bytes_.append(head, http::encodeChunkHead(part.size(), head)).append(part).append("\r\n");
    } else {
        bytes_.append(part);
    }
    has_ended_ = is_last;
    if (is_chunked && is_last) bytes_.append("0\r\n\r\n");
}

void Upload::becomeTunnel() {
    bytes_.clear();
    at_ = 0;
    coding_ = Coding::Plain;
    has_ended_ = false;
    was_let_go_ = true;
}

Upload::Progress Upload::flush(const tp_io& io, tp_request* payer, int fd) {
    while (at_ < bytes_.size()) {
        const tp_str rest{bytes_.data() + at_, bytes_.size() - at_};
        const int64_t n = io.write(payer, fd, &rest, 1);
        if (n == -EAGAIN) {
            was_touched_ = true;  // under TLS some of it may be on its way already
            return Progress::Blocked;
        }
        if (n < 0) {
            error_ = static_cast<int>(-n);
            return Progress::Failed;
        }
        was_touched_ = was_touched_ || n > 0;
        at_ += static_cast<size_t>(n);
    }
    return has_ended_ ? Progress::Done : Progress::Hungry;
}

}  // namespace turnpike::proxy
