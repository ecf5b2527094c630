// scoreboard.h - what each interpreter is doing, in memory that the zygote and its interpreters share.
//
// Processes: an interpreter writes its own slot, the zygote writes `pid` and `stop`; everything is atomic but
// `what`, which is only read for a message and may be torn. Ownership: the zygote maps it, and the map goes
// with the last process.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

namespace turnpike::php {

enum class State : uint32_t {
    Free,      // no process
    Starting,  // forked, not yet waiting
    Waiting,   // for a connection
    Idle,      // on a connection, between two requests
    Busy,      // from the first byte of a request until it is cleaned up after
    Ending,    // as planned
};

struct alignas(64) Slot {
    std::atomic<int32_t> pid{0};
    std::atomic<State> state{State::Free};
    std::atomic<uint32_t> stop{0};      // not 0: the interpreter is told to end
    std::atomic<uint64_t> since_ms{0};  // of the state, on the monotonic clock
    std::atomic<uint64_t> requests{0};  // answered by the present process
    std::atomic<uint64_t> memory{0};    // the process's own, in bytes, as it was last looked at
    std::array<char, 256> what{};       // the request that runs: "GET /a.php (/srv/a.php)"

    void enter(State to, uint64_t now_ms) {
        since_ms.store(now_ms, std::memory_order_relaxed);
        state.store(to, std::memory_order_release);
    }
};

class Scoreboard {
 public:
    /// Throws std::system_error.
    explicit Scoreboard(unsigned slots);
    ~Scoreboard();
    Scoreboard(const Scoreboard&) = delete;
    Scoreboard& operator=(const Scoreboard&) = delete;

    std::span<Slot> slots() { return slots_; }
    Slot& operator[](unsigned slot) { return slots_[slot]; }

 private:
    std::span<Slot> slots_;
};

/// Whether an interpreter shall end. The zygote sets the slot's word and then sends wakeSignal() again and again
/// while the interpreter waits, so that a wait in the kernel returns with EINTR: look here before each wait and
/// after each EINTR.
class Stop {
 public:
    explicit Stop(const Slot& slot) : slot_(slot) {}
    /// The interpreter ends as soon as no request runs.
    bool isSet() const;
    /// It ends now. Never true while a request runs.
    bool isTold() const { return isSet() && slot_.state.load(std::memory_order_relaxed) != State::Busy; }

 private:
    const Slot& slot_;
};

/// One that neither PHP nor its scripts use.
int wakeSignal();
/// Handlers for wakeSignal() and, as for the zygote, SIGTERM: an interpreter that gets it finishes its request
/// first. To be called before PHP looks at the handlers that it finds.
void installStopSignals();

uint64_t monotonicMs();

}  // namespace turnpike::php
