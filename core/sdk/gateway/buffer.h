// buffer.h - memory for what backends say. A connection owns none while it is idle; a response keeps what the
// client has not taken yet. Loop thread only.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

namespace turnpike::gateway {

struct Buffer {
    static constexpr size_t kSize = 65536;
    size_t used = 0;
    char data[kSize];
    size_t room() const { return kSize - used; }
};

/// Keeps a few buffers for the next response: in steady state nothing is allocated.
class BufferPool {
 public:
    std::unique_ptr<Buffer> take() {
        if (spare_.empty())
            return std::unique_ptr<Buffer>(new Buffer);  // not make_unique: it would clear the data
        std::unique_ptr<Buffer> buffer = std::move(spare_.back());
        spare_.pop_back();
        buffer->used = 0;
        return buffer;
    }
    void give(std::unique_ptr<Buffer> buffer) {
        if (spare_.size() < kSpare) spare_.push_back(std::move(buffer));
    }

 private:
    static constexpr size_t kSpare = 16;
    std::vector<std::unique_ptr<Buffer>> spare_;
};

}  // namespace turnpike::gateway
