// gate.h - who has a lane's request: the worker offers it, the program begins it or the worker takes it back, and
// whichever is first has it. So a request that was not begun can be given to another program, whatever its method.
#pragma once
#include <atomic>
#include <cstdint>

namespace turnpike::link {

/// The shared part; zeroed is free.
struct GateWords {
    alignas(64) std::atomic<uint32_t> state;  // kFree, kBegun, or odd: offered, and a number for the order
    std::atomic<uint32_t> begins_at;          // where in the ring the request that is offered begins
    std::atomic<uint32_t> took_us;            // how long the last one took, as the program says
};

class Gate {
 public:
    explicit Gate(GateWords& words) : words_(words) {}

    /// [worker] A request begins at byte `at` of the ring, and its first bytes are published. `number` grows with
    /// every offer of the connection, modulo 2^31.
    void offer(uint32_t number, uint32_t at) {
        words_.begins_at.store(at);
        words_.state.store(number << 1U | 1U);
    }
    /// [worker] True: it was not begun, and never will be.
    bool withdraw() { return leave(kFree); }
    /// [worker] Nothing is offered here that has not ended.
    bool isFree() const { return words_.state.load() == kFree; }
    bool isBegun() const { return words_.state.load() == kBegun; }

    /// [program] What is offered here; 0: nothing.
    uint32_t offered() const {
        const uint32_t state = words_.state.load();
        return (state & 1U) != 0 ? state : 0;
    }
    /// [program] False: it was taken back meanwhile.
    bool begin() { return leave(kBegun); }
    uint32_t beginsAt() const { return words_.begins_at.load(); }
    /// [program] Before the last bytes of its answer: the worker may offer the next one when it has read them.
    void end(uint32_t took_us) {
        words_.took_us.store(took_us);
        words_.state.store(kFree);
    }
    /// [worker] Microseconds. A hint: the program may say what it likes.
    uint32_t took() const { return words_.took_us.load(); }

    /// Of two that offered() gave: whether `a` came first.
    static bool isBefore(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) < 0; }

 private:
    static constexpr uint32_t kFree = 0, kBegun = 2;

    bool leave(uint32_t to) {
        uint32_t state = words_.state.load();
        return (state & 1U) != 0 && words_.state.compare_exchange_strong(state, to);
    }

    GateWords& words_;
};

}  // namespace turnpike::link
