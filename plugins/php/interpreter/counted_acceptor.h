// counted_acceptor.h - an acceptor whose zygote hears of each connection, so that it can start another
// interpreter.
//
// Threads: none. Ownership: owns the acceptor that it stands before.
#pragma once
#include <sys/types.h>

#include <csignal>
#include <memory>
#include <utility>

#include "scoreboard.h"
#include "stream.h"

namespace turnpike::php {

class CountedAcceptor final : public Acceptor {
 public:
    CountedAcceptor(std::unique_ptr<Acceptor> inner, Slot& slot, pid_t zygote)
        : inner_(std::move(inner)), slot_(slot), zygote_(zygote) {}

    std::unique_ptr<Stream> accept() override {
        std::unique_ptr<Stream> stream = inner_->accept();
        if (stream == nullptr) return stream;
        slot_.enter(State::Idle, monotonicMs());
        kill(zygote_, wakeSignal());
        return stream;
    }

 private:
    std::unique_ptr<Acceptor> inner_;
    Slot& slot_;
    pid_t zygote_;
};

}  // namespace turnpike::php
