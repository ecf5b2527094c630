#include "base/arena.h"

#include <memory>

namespace turnpike {

std::unique_ptr<char[]> BlockPool::take() {
    if (free_.empty()) return std::unique_ptr<char[]>(new char[block_size_]);
    auto block = std::move(free_.back());
    free_.pop_back();
    return block;
}

void BlockPool::give(std::unique_ptr<char[]> block) {
    if (free_.size() < keep_) free_.push_back(std::move(block));
}

void* Arena::allocate(size_t size, size_t alignment) {
    void* start = next_;
    auto room = static_cast<size_t>(end_ - next_);
    if (next_ == nullptr || std::align(alignment, size, start, room) == nullptr) return grow(size, alignment);
    next_ = static_cast<char*>(start) + size;
    return start;
}

void* Arena::grow(size_t size, size_t alignment) {
    size_t block = pool_.blockSize();
    if (size > limit_) return nullptr;
    bool large = size + alignment > block;
    size_t cost = large ? size : block;
    if (cost > limit_ - used_) return nullptr;
    used_ += cost;
    if (large) {
        large_.emplace_back(new char[size]);
        return large_.back().get();
    }
    blocks_.push_back(pool_.take());
    next_ = blocks_.back().get();
    end_ = next_ + block;
    return allocate(size, alignment);
}

void Arena::reset() {
    for (auto& block : blocks_) pool_.give(std::move(block));
    blocks_.clear();
    large_.clear();
    next_ = end_ = nullptr;
    used_ = 0;
}

std::string_view Arena::copy(std::string_view text) {
    char* to = array<char>(text.size());
    if (to == nullptr) return {};
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
}

}  // namespace turnpike
