// scoreboard.h - what each interpreter is doing, in memory that the zygote and its interpreters share.
//
// Processes: an interpreter writes its own slot, the zygote writes `pid` (its interpreter does, too), `stop` and
// what it says of the process as such; everything is atomic but `work`, which is only read to be shown and may be
// torn. Ownership: the zygote maps it, and the map goes with the last process.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
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

/// What an interpreter answers, or has answered last. Texts are cut to fit.
struct Work {
    std::array<char, 16> method{};
    std::array<char, 128> uri{};   // as the client asked for it
    std::array<char, 128> name{};  // the script's, in URLs
    std::array<char, 128> query{};
    std::array<char, 32> user{};
    std::array<char, 256> script{};
    int64_t length = 0;  // of the body
};

template <size_t N>
std::string_view textOf(const std::array<char, N>& chars) {
    std::string_view all(chars.data(), N);
    return all.substr(0, all.find('\0'));
}
template <size_t N>
void setText(std::array<char, N>& chars, std::string_view text) {
    chars[text.copy(chars.data(), N - 1)] = '\0';
}

/// For a message: "GET /a.php (/srv/a.php)".
std::string describe(const Work& work);

struct alignas(64) Slot {
    std::atomic<int32_t> pid{0};
    std::atomic<State> state{State::Free};
    std::atomic<uint32_t> stop{0};      // not 0: the interpreter is told to end
    std::atomic<uint64_t> since_ms{0};  // of the state, on the monotonic clock
    std::atomic<uint64_t> requests{0};  // answered by the present process
    std::atomic<uint64_t> memory{0};    // the process's own, in bytes, as it was last looked at
    std::atomic<uint64_t> before{0};    // requests answered by the processes that were here before it
    std::atomic<int64_t> started{0};    // the present process, in seconds since 1970
    std::atomic<uint64_t> took_ms{0};   // the last request
    std::atomic<uint64_t> peak{0};      // memory that PHP took for the last request
    Work work;

    void enter(State to, uint64_t now_ms) {
        since_ms.store(now_ms, std::memory_order_relaxed);
        state.store(to, std::memory_order_release);
    }
};

/// Of all interpreters together; written by the zygote.
struct alignas(64) Totals {
    std::atomic<uint32_t> most_busy{0};  // at once, as far as it has looked
    int64_t started = 0;                 // in seconds since 1970
};

class Scoreboard {
 public:
    /// Throws std::system_error.
    explicit Scoreboard(unsigned slots);
    ~Scoreboard();
    Scoreboard(const Scoreboard&) = delete;
    Scoreboard& operator=(const Scoreboard&) = delete;

    std::span<Slot> slots() { return slots_; }
    Totals& totals() { return *totals_; }
    Slot& operator[](unsigned slot) { return slots_[slot]; }

 private:
    Totals* totals_;
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
