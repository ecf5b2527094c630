#include "server/output.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/assert.h"
#include "os/file.h"

namespace turnpike::server {
namespace {
constexpr size_t kMostParts = 64;
/// What one connection may send before others get their turn.
constexpr uint64_t kFairShare = 1u << 20;
/// What one call sends of memory: the peer takes the first piece while the next is copied (docs/performance.md).
constexpr size_t kMostPerCall = size_t{48} * 1024;

/// Leaves the first `most` bytes of the parts. Whether any were cut off.
bool cut(iovec* parts, size_t& count, size_t most) {
    for (size_t i = 0; i < count; ++i) {
        if (parts[i].iov_len > most) {
            parts[i].iov_len = most;
            count = i + (most > 0 ? 1 : 0);
            return true;
        }
        most -= parts[i].iov_len;
    }
    return false;
}
}  // namespace

size_t Output::space() {
    if (!borrowed_.empty() || hasDescriptor() || !tail_.empty()) return 0;  // order matters
    if (begin_ == end_) begin_ = end_ = 0;
    return pool_.blockSize() - end_;
}

char* Output::room(size_t size) {
    const size_t free = space();
    if (size > free || free == 0) return nullptr;
    if (!block_) block_ = pool_.take();
    return block_.get() + end_;
}

bool Output::append(std::string_view bytes) {
    char* to = room(bytes.size());
    if (to == nullptr) return false;
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    end_ += bytes.size();
    return true;
}

void Output::borrow(std::string_view bytes) {
    if (!bytes.empty()) borrowed_.push_back({const_cast<char*>(bytes.data()), bytes.size()});
}

void Output::borrowFile(int fd, uint64_t offset, uint64_t size) {
    file_ = fd;
    file_offset_ = offset;
    file_left_ = size;
}

void Output::close(std::string_view bytes) {
    TP_ASSERT(tail_.empty());
    tail_ = bytes;
}

bool Output::isEmpty() const {
    return begin_ == end_ && borrowed_next_ == borrowed_.size() && !hasDescriptor() && tail_.empty();
}

uint64_t Output::pending() const {
    uint64_t size = end_ - begin_ + file_left_ + tail_.size();
    if (pipe_) size += pipe_->held();
    for (size_t i = borrowed_next_; i < borrowed_.size(); ++i) size += borrowed_[i].iov_len;
    return size;
}

void Output::release() {
    if (block_) pool_.give(std::move(block_));
    begin_ = end_ = 0;
}

/// Memory to be sent next, up to a file or a pipe.
size_t Output::gather(iovec* parts, size_t most) const {
    size_t count = 0;
    if (end_ > begin_) parts[count++] = {block_.get() + begin_, end_ - begin_};
    size_t next = borrowed_next_;
    while (next < borrowed_.size() && count < most) parts[count++] = borrowed_[next++];
    bool last = next == borrowed_.size() && !hasDescriptor();
    if (last && !tail_.empty() && count < most) parts[count++] = {const_cast<char*>(tail_.data()), tail_.size()};
    return count;
}

void Output::advance(size_t bytes) {
    size_t copied = std::min(bytes, end_ - begin_);
    begin_ += copied;
    bytes -= copied;
    while (bytes > 0 && borrowed_next_ < borrowed_.size()) {
        iovec& part = borrowed_[borrowed_next_];
        size_t taken = std::min(bytes, part.iov_len);
        part.iov_base = static_cast<char*>(part.iov_base) + taken;
        part.iov_len -= taken;
        bytes -= taken;
        if (part.iov_len == 0) ++borrowed_next_;
    }
    tail_.remove_prefix(bytes);
    if (borrowed_next_ == borrowed_.size()) {
        borrowed_.clear();
        borrowed_next_ = 0;
    }
}

int64_t Output::take(char* to, size_t size) {
    TP_ASSERT(!pipe_);  // who takes bytes is not given any that never come into memory
    size_t done = 0;
    while (done < size && !isEmpty()) {
        iovec part;
        if (gather(&part, 1) > 0) {
            const size_t n = std::min(part.iov_len, size - done);
            std::memcpy(to + done, part.iov_base, n);
            advance(n);
            done += n;
            continue;
        }
        const int64_t got = os::pread(file_, to + done, std::min<uint64_t>(file_left_, size - done), file_offset_,
                                      os::Class::File);
        if (got <= 0) return got < 0 ? got : -EIO;
        file_offset_ += static_cast<uint64_t>(got);
        file_left_ -= static_cast<uint64_t>(got);
        done += static_cast<size_t>(got);
    }
    sent_ += done;
    return static_cast<int64_t>(done);
}

void Output::drop() {
    release();
    borrowed_.clear();
    borrowed_next_ = 0;
    file_left_ = 0;
    pipe_.reset();
    tail_ = {};
}

int64_t Output::sendDescriptor(net::Transport& transport, bool ends) {
    if (pipe_) {
        const int64_t done = pipe_->drain(transport, ends || !tail_.empty());
        if (pipe_->held() == 0) pipe_.reset();
        return done;
    }
    const int64_t done = transport.sendFile(file_, file_offset_, std::min(file_left_, kFairShare));
    if (done > 0) {
        file_offset_ += static_cast<uint64_t>(done);
        file_left_ -= static_cast<uint64_t>(done);
    }
    return done;
}

Output::Flush Output::flush(net::Transport& transport, bool ends) {
    uint64_t sent = 0;
    while (!isEmpty()) {
        if (sent >= kFairShare) return Flush::Yield;
        iovec parts[kMostParts];
        size_t count = gather(parts, kMostParts);
        const bool is_cut = cut(parts, count, kMostPerCall);
        int64_t done = count > 0 ? transport.send(parts, count, !is_cut && (hasDescriptor() || ends))
                                 : sendDescriptor(transport, ends);
        if (done == -EAGAIN) return Flush::Blocked;
        if (done <= 0) return Flush::Failed;  // 0 from a file: it is shorter than it was
        sent += static_cast<uint64_t>(done);
        sent_ += static_cast<uint64_t>(done);
        if (count > 0) advance(static_cast<size_t>(done));
    }
    return ends && transport.complete() == -EAGAIN ? Flush::Blocked : Flush::Done;
}

}  // namespace turnpike::server
