#include "scoreboard.h"

#include <sys/mman.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <memory>
#include <system_error>

namespace turnpike::php {
namespace {

std::atomic<bool> g_terminated{false};  // a signal handler has no other way to say it

void onTerminate(int) { g_terminated.store(true, std::memory_order_relaxed); }
void onWake(int) {}

}  // namespace

Scoreboard::Scoreboard(unsigned slots) {
    void* at = mmap(nullptr, slots * sizeof(Slot), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap of the scoreboard");
    slots_ = {static_cast<Slot*>(at), slots};
    std::uninitialized_default_construct(slots_.begin(), slots_.end());
}

Scoreboard::~Scoreboard() { munmap(slots_.data(), slots_.size_bytes()); }

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
