// zygote.h - the process that initialised PHP: forks the interpreters, which share its OPcache, and keeps their
// number.
//
// Threads: none. Ownership: owns the scoreboard; borrows transport and options.
#pragma once
#include <cstdint>

#include "options.h"
#include "scoreboard.h"
#include "stream.h"

namespace turnpike::php {

/// Before PHP starts: a signal that comes meanwhile waits for Zygote::run().
void blockSignals();

class Zygote {
 public:
    Zygote(Transport& transport, const Options& options);

    /// Until SIGTERM, SIGINT or SIGQUIT. Returns the exit status of this process, zygote or interpreter.
    int run();

 private:
    struct Census {
        unsigned living = 0, ready = 0, busy = 0;  // ready: waits for a connection, or soon will
    };

    void openSignals();
    void wait();
    int timeout() const;
    void readSignals();
    void reap();
    void bury(unsigned slot, int status);
    void delayStarts();
    void killOverdue();
    void keepNumber();
    bool wantsMore(const Census& census, bool demanded) const;
    void endIdle();
    void tellStopped();
    void killLate();
    Census census();
    bool spawn();
    int live(unsigned slot, int parent);

    Transport& transport_;
    const Options& options_;
    Scoreboard board_;
    int signals_ = -1;  // a signalfd
    bool ending_ = false, demanded_ = false;
    uint64_t ending_since_ms_ = 0;
    uint64_t start_not_before_ms_ = 0, delay_ms_ = 0;
    int interpreter_status_ = -1;  // set in an interpreter: what run() returns
};

}  // namespace turnpike::php
