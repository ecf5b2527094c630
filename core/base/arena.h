// arena.h - the memory of one request: bump allocation, freed at once. One thread; blocks come from and go
// back to a BlockPool, so a worker in steady state allocates nothing.
#pragma once
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace turnpike {

/// Fixed-size blocks kept for reuse. Keeps at most `keep` free ones.
class BlockPool {
 public:
    explicit BlockPool(size_t block_size, size_t keep) : block_size_(block_size), keep_(keep) {
        free_.reserve(keep);
    }

    size_t blockSize() const { return block_size_; }
    std::unique_ptr<char[]> take();
    void give(std::unique_ptr<char[]> block);

 private:
    size_t block_size_, keep_;
    std::vector<std::unique_ptr<char[]>> free_;
};

/// Allocations live until reset() or the arena's end. `limit` bounds the sum; past it allocate() gives nullptr.
class Arena {
 public:
    Arena(BlockPool& pool, size_t limit) : pool_(pool), limit_(limit) {}
    ~Arena() { reset(); }
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    void* allocate(size_t size, size_t alignment = alignof(std::max_align_t));
    void reset();

    /// A copy that lives as long as the arena; empty when the limit is reached.
    std::string_view copy(std::string_view text);
    template <class T>
    T* array(size_t count) {
        return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    }

 private:
    void* grow(size_t size, size_t alignment);

    BlockPool& pool_;
    size_t limit_, used_ = 0;
    char* next_ = nullptr;
    char* end_ = nullptr;
    std::vector<std::unique_ptr<char[]>> blocks_, large_;
};

}  // namespace turnpike
