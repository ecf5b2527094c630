// presence.h - this worker's seat in the shared memory, by which the others see whether it lives: each seat has a
// lock that its worker keeps until it ends, and the kernel gives back when it dies. One thread.
#pragma once
#include <cstdint>

#include "layout.h"
#include "sdk/services.h"

namespace turnpike::cache {

class Presence {
 public:
    /// The locks of the seats begin with `first_lock`.
    Presence(const tp_shared_service& service, tp_shared* shared, Head& head, uint32_t first_lock)
        : service_(service), shared_(shared), head_(head), first_lock_(first_lock) {
        while (seat_ < kSeats && service_.lock(shared_, first_lock_ + seat_, 0) < 0) ++seat_;
        if (hasSeat()) life_ = ++head_.lives[seat_];
    }
    ~Presence() {
        if (hasSeat()) service_.unlock(shared_, first_lock_ + seat_);
    }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

    /// False: all are taken. Then this worker takes no turn.
    bool hasSeat() const { return seat_ < kSeats; }
    uint32_t seat() const { return seat_; }
    uint32_t life() const { return life_; }

    /// Whether the worker that had that life on that seat still has it.
    bool isAlive(uint32_t seat, uint32_t life) const {
        if (seat >= kSeats || head_.lives[seat].load() != life) return false;
        if (seat == seat_) return true;
        if (service_.lock(shared_, first_lock_ + seat, 0) < 0) return true;
        service_.unlock(shared_, first_lock_ + seat);
        return false;
    }

 private:
    const tp_shared_service& service_;
    tp_shared* shared_;
    Head& head_;
    uint32_t first_lock_, seat_ = 0, life_ = 0;
};

}  // namespace turnpike::cache
