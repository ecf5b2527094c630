#include "zygote.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "counted_acceptor.h"
#include "interpreter.h"
#include "request.h"

namespace turnpike::php {
namespace {

constexpr uint64_t kTickMs = 250, kSoonMs = 50, kFirstDelayMs = 100, kMaxDelayMs = 10'000;
constexpr std::string_view kName = "turnpike-php: ";

sigset_t watched() {
    sigset_t set;
    sigemptyset(&set);
    for (int signal : {SIGCHLD, SIGTERM, SIGINT, SIGQUIT, wakeSignal()}) sigaddset(&set, signal);
    return set;
}

std::string describeEnd(int status) {
    if (WIFEXITED(status)) return "ended with status " + std::to_string(WEXITSTATUS(status));
    int signal = WTERMSIG(status);
    return "died of signal " + std::to_string(signal) + " (" + strsignal(signal) + ')';
}

}  // namespace

Zygote::Zygote(Transport& transport, const Options& options)
    : transport_(transport), options_(options), board_(options.children) {}

int Zygote::run() {
    openSignals();
    for (;;) {
        reap();
        killOverdue();
        if (!ending_) keepNumber();
        if (interpreter_status_ >= 0) return interpreter_status_;
        tellStopped();
        if (ending_) killLate();
        if (ending_ && census().living == 0) return 0;
        wait();
    }
}

void blockSignals() {
    sigset_t set = watched();
    sigprocmask(SIG_BLOCK, &set, nullptr);
}

void Zygote::openSignals() {
    sigset_t set = watched();
    signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
}

void Zygote::wait() {
    Census now = census();
    bool watches = !ending_ && options_.mode != Mode::Static && now.ready == 0 && now.living < options_.children;
    pollfd ready[2] = {{.fd = signals_, .events = POLLIN, .revents = 0},
                       {.fd = watches ? transport_.demand() : -1, .events = POLLIN, .revents = 0}};
    int found = poll(ready, 2, timeout());
    demanded_ = found > 0 && (ready[1].revents & POLLIN) != 0;
    if (found > 0 && ready[0].revents != 0) readSignals();
}

int Zygote::timeout() const {
    if (ending_ || start_not_before_ms_ > 0) return kSoonMs;
    return options_.mode == Mode::Static && options_.run_ms == 0 ? 60'000 : kTickMs;
}

void Zygote::readSignals() {
    signalfd_siginfo info{};
    while (read(signals_, &info, sizeof info) == sizeof info) {
        auto signal = static_cast<int>(info.ssi_signo);
        if (signal == SIGCHLD || signal == wakeSignal() || ending_) continue;
        ending_ = true;
        ending_since_ms_ = monotonicMs();
        for (Slot& slot : board_.slots()) slot.stop.store(1, std::memory_order_release);
    }
}

void Zygote::reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (unsigned i = 0; i < options_.children; ++i)
            if (board_[i].pid == pid) bury(i, status);
}

void Zygote::bury(unsigned number, int status) {
    Slot& slot = board_[number];
    State state = slot.state;
    bool planned = WIFEXITED(status) && WEXITSTATUS(status) == 0 && state == State::Ending;
    bool answered = slot.requests > 0 || state == State::Busy;
    if (!planned) {
        std::string line = "interpreter " + std::to_string(slot.pid) + ' ' + describeEnd(status);
        if (state == State::Busy) line += " while it answered " + describe(slot.work);
        logLine(kName, line);
        // A script that kills its interpreter costs its own request only. One that cannot even wait for a request
        // would be started again for nothing.
        if (!answered) delayStarts();
    }
    slot.pid = 0;
    slot.enter(State::Free, monotonicMs());
    transport_.ended(number);
}

void Zygote::delayStarts() {
    delay_ms_ = std::clamp(delay_ms_ * 2, kFirstDelayMs, kMaxDelayMs);
    start_not_before_ms_ = monotonicMs() + delay_ms_;
}

void Zygote::killOverdue() {
    if (options_.run_ms == 0) return;
    uint64_t now = monotonicMs();
    for (Slot& slot : board_.slots()) {
        if (slot.pid == 0 || slot.state != State::Busy || now < slot.since_ms + options_.run_ms) continue;
        logLine(kName, "interpreter " + std::to_string(slot.pid) + " is killed: it has answered " +
                           describe(slot.work) + " for more than " + std::to_string(options_.run_ms / 1000) +
                           " s");
        kill(slot.pid, SIGKILL);
        slot.since_ms = now;  // said once; it is reaped soon
    }
}

Zygote::Census Zygote::census() {
    Census census;
    for (Slot& slot : board_.slots()) {
        if (slot.pid == 0) continue;
        ++census.living;
        State state = slot.state;
        if (state == State::Busy) ++census.busy;
        if (slot.stop == 0 && (state == State::Starting || state == State::Waiting)) ++census.ready;
    }
    if (census.busy > board_.totals().most_busy) board_.totals().most_busy = census.busy;
    return census;
}

void Zygote::keepNumber() {
    if (start_not_before_ms_ > 0 && monotonicMs() < start_not_before_ms_) return;
    start_not_before_ms_ = 0;
    for (Census now = census(); wantsMore(now, demanded_); now = census()) {
        demanded_ = false;
        if (!spawn()) return;
    }
    demanded_ = false;
    endIdle();
}

bool Zygote::wantsMore(const Census& census, bool demanded) const {
    if (census.living >= options_.children) return false;
    if (options_.mode == Mode::Static) return true;
    if (demanded && census.ready == 0) return true;
    return options_.mode == Mode::Dynamic && census.ready < options_.spare;
}

/// A worker keeps its connection to an interpreter that has nothing to do: that one may go as well.
void Zygote::endIdle() {
    if (options_.mode == Mode::Static) return;
    auto rests = [](const Slot& slot) {
        State state = slot.state;
        return slot.pid != 0 && slot.stop == 0 && (state == State::Waiting || state == State::Idle);
    };
    auto resting = static_cast<size_t>(std::ranges::count_if(board_.slots(), rests));
    const size_t spare = options_.mode == Mode::Dynamic ? options_.spare : 0;
    const uint64_t now = monotonicMs();
    for (Slot& slot : board_.slots()) {
        if (resting <= spare) return;
        if (!rests(slot) || now < slot.since_ms + options_.idle_ms) continue;
        slot.stop = 1;
        --resting;
    }
}

// Again and again, since the signal may come just before the wait that it shall end. Never to one that runs a
// script, whose own waits it would cut short.
void Zygote::tellStopped() {
    for (Slot& slot : board_.slots()) {
        State state = slot.state;
        if (slot.pid != 0 && slot.stop != 0 && (state == State::Waiting || state == State::Idle))
            kill(slot.pid, wakeSignal());
    }
}

void Zygote::killLate() {
    if (monotonicMs() < ending_since_ms_ + options_.grace_ms) return;
    for (Slot& slot : board_.slots())
        if (slot.pid != 0) kill(slot.pid, SIGKILL);
}

bool Zygote::spawn() {
    auto free = std::ranges::find_if(board_.slots(), [](Slot& slot) { return slot.pid == 0; });
    auto number = static_cast<unsigned>(free - board_.slots().begin());
    Slot& slot = *free;
    slot.stop = 0;
    slot.before += slot.requests;
    slot.requests = slot.memory = slot.took_ms = slot.peak = 0;
    slot.work = {};
    slot.started = time(nullptr);
    slot.enter(State::Starting, monotonicMs());
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        slot.pid = getpid();  // it may tell of itself before its parent goes on
        interpreter_status_ = live(number, parent);
        return false;
    }
    if (pid < 0) {
        slot.enter(State::Free, monotonicMs());
        logLine(kName, std::string("cannot start an interpreter: ") + strerror(errno));
        delayStarts();
        return false;
    }
    slot.pid = pid;
    return true;
}

int Zygote::live(unsigned number, int parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) return 1;  // it died before the line above
    close(signals_);
    sigset_t set = watched();
    sigprocmask(SIG_UNBLOCK, &set, nullptr);
    Stop stop(board_[number]);
    std::unique_ptr<Acceptor> acceptor = transport_.acceptor(number, stop);
    if (options_.mode != Mode::Static)
        acceptor = std::make_unique<CountedAcceptor>(std::move(acceptor), board_[number], parent);
    return interpret(*acceptor, board_, number, options_);
}

}  // namespace turnpike::php
