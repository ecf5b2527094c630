// ring.h - bytes in one direction between two processes that share memory: one producer, one consumer, no lock, no
// system call. Neither side trusts the other: each keeps its own count, reads the other's once, and checks it.
// What was read is copied out, so that it cannot change after it was looked at.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace turnpike::link {

/// The shared part; zeroed is empty. Counts are of all bytes ever, modulo 2^32.
struct Ring {
    alignas(64) std::atomic<uint32_t> written;      // the producer's
    alignas(64) std::atomic<uint32_t> taken;        // the consumer's
    alignas(64) std::atomic<uint32_t> wants_space;  // 1: the producer waits for the consumer to take something
};
static_assert(std::atomic<uint32_t>::is_always_lock_free, "a lock would be this process's own");

/// One side's view: the shared counts, the bytes, and how many there are (a power of two).
struct RingView {
    Ring* shared = nullptr;
    char* bytes = nullptr;
    uint32_t size = 0;
};

class Producer {
 public:
    explicit Producer(RingView view) : ring_(view) {}

    /// Bytes that fit now; nothing: the other side's count cannot be true.
    std::optional<uint32_t> room() const {
        uint32_t waiting = written_ - ring_.shared->taken.load();
        if (waiting > ring_.size) return std::nullopt;
        return ring_.size - waiting;
    }
    /// Lays `data` down, of which room() has said that it fits. The consumer sees it with publish().
    void put(std::string_view data) {
        while (!data.empty()) {
            uint32_t at = written_ & (ring_.size - 1);
            size_t part = std::min<size_t>(data.size(), ring_.size - at);
            std::memcpy(ring_.bytes + at, data.data(), part);
            written_ += static_cast<uint32_t>(part);
            data.remove_prefix(part);
        }
    }
    void publish() { ring_.shared->written.store(written_); }
    /// Bytes ever put down.
    uint32_t written() const { return written_; }
    /// Back to byte `at`, from which on the consumer has taken nothing and will not look.
    void rewind(uint32_t at) {
        written_ = at;
        publish();
    }
    /// To be told (Consumer::isSpaceWanted) when something is taken. Look at room() once more afterwards.
    void askForSpace() { ring_.shared->wants_space.store(1); }

 private:
    RingView ring_;
    uint32_t written_ = 0;
};

class Consumer {
 public:
    explicit Consumer(RingView view) : ring_(view) {}

    /// Bytes that wait; nothing: the other side's count cannot be true.
    std::optional<uint32_t> waiting() const {
        uint32_t count = ring_.shared->written.load() - taken_;
        if (count > ring_.size) return std::nullopt;
        return count;
    }
    /// Takes `size` bytes, of which waiting() has said that they are there.
    void take(char* to, size_t size) {
        while (size > 0) {
            uint32_t at = taken_ & (ring_.size - 1);
            size_t part = std::min<size_t>(size, ring_.size - at);
            std::memcpy(to, ring_.bytes + at, part);
            taken_ += static_cast<uint32_t>(part);
            to += part;
            size -= part;
        }
        ring_.shared->taken.store(taken_);
    }
    /// The next byte is `at`: what comes before it is not wanted. False: it cannot be.
    bool skipTo(uint32_t at) {
        const auto count = waiting();
        if (!count || at - taken_ > *count) return false;
        taken_ = at;
        ring_.shared->taken.store(at);
        return true;
    }
    /// After take() or skipTo(): whether the producer waits for space and must be woken. True once for each time
    /// it asked.
    bool isSpaceWanted() {
        return ring_.shared->wants_space.load() != 0 && ring_.shared->wants_space.exchange(0) != 0;
    }

 private:
    RingView ring_;
    uint32_t taken_ = 0;
};

/// A side says that it is about to sleep, and then looks once more; the other changes something, and then asks
/// whether anybody sleeps: one of the two sees the other, because all of it is sequentially consistent. The word
/// is what a futex waits for.
class Sleeper {
 public:
    explicit Sleeper(std::atomic<uint32_t>& word) : word_(word) {}
    void announce() { word_.store(1); }
    void cancel() { word_.store(0); }
    /// Whether the other side must be woken; true once for each announce().
    bool mustBeWoken() { return word_.load() != 0 && word_.exchange(0) != 0; }

 private:
    std::atomic<uint32_t>& word_;
};

}  // namespace turnpike::link
