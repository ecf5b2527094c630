#include "sdk/fastcgi/outbound.h"

#include <algorithm>
#include <cerrno>

namespace turnpike::fastcgi {

void Outbound::start(std::string_view memory, int fd, uint64_t size) {
    memory_ = memory;
    body_fd_ = fd;
    size_ = size;
    base_ = 0;
    is_stream_ = false;
    rewind();
}

void Outbound::startStream(std::string_view first, uint64_t size) {
    start({}, -1, size);
    is_stream_ = true;
    part_.assign(first);
    next_.clear();
}

/// Beside the part that is being written: a retry may write the first one again when the second arrives.
void Outbound::feed(std::string_view part) { next_.append(part); }

/// What is here of the body, from its next byte on.
std::string_view Outbound::memoryLeft() {
    if (!is_stream_) return memory_.substr(std::min<uint64_t>(taken_, memory_.size()));
    if (taken_ == base_ + part_.size() && !next_.empty()) {
        base_ = taken_;
        part_.swap(next_);
        next_.clear();
    }
    return std::string_view(part_).substr(taken_ - base_);
}

void Outbound::rewind() {
    taken_ = 0;
    first_ = count_ = 0;
    error_ = 0;
    head_taken_ = end_taken_ = touched_ = done_ = body_failed_ = false;
}

void Outbound::release(BufferPool& buffers) {
    if (chunk_) buffers.give(std::move(chunk_));
}

void Outbound::add(std::string_view part) { parts_[count_++] = str(part); }

bool Outbound::readChunk(const tp_io& io, tp_request* payer, size_t size, BufferPool& buffers) {
    if (!chunk_) chunk_ = buffers.take();
    for (size_t have = 0; have < size;) {
        int64_t n = io.pread(payer, body_fd_, chunk_->data + have, size - have, taken_ + have);
        if (n <= 0) {
            error_ = n < 0 ? static_cast<int>(-n) : EIO;  // shorter than the host said
            body_failed_ = true;
            return false;
        }
        have += static_cast<size_t>(n);
    }
    return true;
}

/// One STDIN record with the next of the `here` bytes of the body that can be had.
bool Outbound::addRecord(const tp_io& io, tp_request* payer, uint64_t here, BufferPool& buffers) {
    const size_t length = std::min<uint64_t>(here, kMaxChunk);
    if (body_fd_ >= 0 && !readChunk(io, payer, length, buffers)) return false;
    char* header = stdin_headers_[records_++];
    encodeHeader(header, Type::Stdin, length);
    add({header, kHeaderSize});
    add(body_fd_ >= 0 ? std::string_view(chunk_->data, length) : memoryLeft().substr(0, length));
    taken_ += length;
    return true;
}

// Head, STDIN records with what is here of the body, and the empty record that ends STDIN: whatever of these is
// next.
bool Outbound::nextBatch(const tp_io& io, tp_request* payer, BufferPool& buffers) {
    first_ = count_ = records_ = 0;
    const uint64_t end = is_stream_ ? taken_ + memoryLeft().size() : size_;
    // A file is read into one buffer: a record a batch.
    const size_t most = body_fd_ >= 0 ? 1 : kRecords;
    if (!head_taken_) add(head_);
    head_taken_ = true;
    while (taken_ < end && records_ < most)
        if (!addRecord(io, payer, end - taken_, buffers)) return false;
    if (taken_ == size_) {
        encodeHeader(end_header_, Type::Stdin, 0);
        add({end_header_, kHeaderSize});
        end_taken_ = true;
    }
    return true;
}

void Outbound::advance(size_t written) {
    touched_ = touched_ || written > 0;
    while (first_ < count_ && written >= parts_[first_].len) written -= parts_[first_++].len;
    if (first_ == count_) return;
    parts_[first_].ptr += written;
    parts_[first_].len -= written;
}

Outbound::Progress Outbound::flush(const tp_io& io, tp_request* payer, int fd, BufferPool& buffers) {
    while (!done_) {
        if (isHungry()) return Progress::Hungry;
        if (first_ == count_ && !nextBatch(io, payer, buffers)) return Progress::Failed;
        int64_t n = io.write(payer, fd, parts_ + first_, count_ - first_);
        if (n == -EAGAIN) return Progress::Blocked;
        if (n < 0) {
            error_ = static_cast<int>(-n);
            return Progress::Failed;
        }
        advance(static_cast<size_t>(n));
        done_ = first_ == count_ && end_taken_;
    }
    return Progress::Done;
}

}  // namespace turnpike::fastcgi
