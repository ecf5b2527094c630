// outbound.h - a request on its way to a backend: what of it was written and what comes next. Loop thread only.
#pragma once
#include <cstdint>
#include <string>

#include "sdk/fastcgi/records.h"
#include "sdk/fastcgi/services.h"
#include "sdk/gateway/buffer.h"

namespace turnpike::fastcgi {

using gateway::Buffer;
using gateway::BufferPool;

class Outbound {
 public:
    /// Hungry: all that is here of a body that comes in parts is written.
    enum class Progress : uint8_t { Done, Blocked, Hungry, Failed };

    /// Where BEGIN_REQUEST and PARAMS go before start().
    std::string& head() { return head_; }
    /// `memory` or descriptor `fd` (-1: none) holds the body; both stay valid until the request is done.
    void start(std::string_view memory, int fd, uint64_t size);
    /// The body comes in parts: this one, and those that feed() brings, `size` bytes in all. Copied.
    void startStream(std::string_view first, uint64_t size);
    void feed(std::string_view part);
    /// The next part is needed.
    bool isHungry() const {
        return is_stream_ && head_taken_ && !end_taken_ && first_ == count_ && taken_ == base_ + part_.size() &&
               next_.empty();
    }
    /// Back to the first byte, for another connection. Impossible once a part of the body was let go.
    void rewind();
    bool canRewind() const { return base_ == 0; }
    /// All of it is in memory, and it is small.
    bool isSmall() const { return !is_stream_ && body_fd_ < 0 && head_.size() + size_ <= kSmall; }
    /// Writes until all is written or the socket is full: head, a body of up to 64 KiB and the end of STDIN are
    /// one system call.
    Progress flush(const tp_io& io, tp_request* payer, int fd, BufferPool& buffers);
    /// After Failed: errno of what failed, and whether it was reading the body's file.
    int error() const { return error_; }
    bool bodyFailed() const { return body_failed_; }
    /// The backend cannot have seen any of it.
    bool isUntouched() const { return !touched_; }
    bool isDone() const { return done_; }
    /// Gives its buffer back.
    void release(BufferPool& buffers);

 private:
    static constexpr size_t kSmall = 16384;
    /// A part of 64 KiB, as the host reads them, is a little more than fits into one record.
    static constexpr size_t kRecords = 2;

    std::string_view memoryLeft();
    bool nextBatch(const tp_io& io, tp_request* payer, BufferPool& buffers);
    bool addRecord(const tp_io& io, tp_request* payer, uint64_t here, BufferPool& buffers);
    bool readChunk(const tp_io& io, tp_request* payer, size_t size, BufferPool& buffers);
    void add(std::string_view part);
    void advance(size_t written);

    std::string head_;
    std::string_view memory_;
    int body_fd_ = -1;
    uint64_t size_ = 0, taken_ = 0;  // of the body; taken_: is or was in a batch
    std::string part_, next_;        // of a body that comes in parts, from byte base_ on
    uint64_t base_ = 0;
    bool is_stream_ = false;
    std::unique_ptr<Buffer> chunk_;
    char stdin_headers_[kRecords][kHeaderSize] = {};
    char end_header_[kHeaderSize] = {};
    tp_str parts_[2 + 2 * kRecords] = {};
    size_t first_ = 0, count_ = 0;  // the parts of this batch that are not written yet
    size_t records_ = 0;            // in this batch
    int error_ = 0;
    bool head_taken_ = false, end_taken_ = false, touched_ = false, done_ = false, body_failed_ = false;
};

}  // namespace turnpike::fastcgi
