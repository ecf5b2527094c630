#include "scoreboard.h"

#include <sys/mman.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <memory>
#include <new>
#include <system_error>

namespace turnpike::php {
namespace {

std::atomic<bool> g_terminated{false};  // a signal handler has no other way to say it

void onTerminate(int) { g_terminated.store(true, std::memory_order_relaxed); }
void onWake(int) {}

}  // namespace

std::string describe(const Work& work) {
    std::string text(textOf(work.method));
    text.append(" ").append(textOf(work.uri));
    return text.append(" (").append(textOf(work.script)).append(")");
}

Scoreboard::Scoreboard(unsigned slots) {
    const size_t size = sizeof(Totals) + slots * sizeof(Slot);
    void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap of the scoreboard");
    totals_ = new (at) Totals;
    totals_->started = time(nullptr);
    slots_ = {reinterpret_cast<Slot*>(totals_ + 1), slots};
    std::uninitialized_default_construct(slots_.begin(), slots_.end());
}

Scoreboard::~Scoreboard() { munmap(totals_, sizeof(Totals) + slots_.size_bytes()); }

bool Stop::isSet() const {
    return slot_.stop.load(std::memory_order_acquire) != 0 || g_terminated.load(std::memory_order_relaxed);
}

int wakeSignal() { return SIGRTMIN + 3; }

void installStopSignals() {
    struct sigaction action = {};
    sigemptyset(&action.sa_mask);
    action.sa_handler = onWake;  // without SA_RESTART: the wait shall end
    sigaction(wakeSignal(), &action, nullptr);
    action.sa_handler = onTerminate;
    sigaction(SIGTERM, &action, nullptr);
}

uint64_t monotonicMs() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1'000'000;
}

}  // namespace turnpike::php
