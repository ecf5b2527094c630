// scripted_server.h - a server that says exactly what a test wants, right or wrong. A protocol's own derives from
// it and reads requests its own way, apart from the code under test.
#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "support/listener.h"

namespace turnpike::testing {

/// `Seen`: a request as it came, with `connection`, counted from 0.
template <class Peer, class Seen>
class ScriptedServer : public Listener {
 public:
    using Script = std::function<void(Peer&, const Seen&)>;

    void setScript(Script script) {
        std::lock_guard hold(lock_);
        script_ = std::move(script);
    }
    std::vector<Seen> seen() {
        std::lock_guard hold(lock_);
        return seen_;
    }

    std::atomic<unsigned> requests{0}, busy{0}, most_busy{0};

 protected:
    explicit ScriptedServer(Script script) : script_(std::move(script)) {}
    /// False: there is none any more.
    virtual bool readRequest(Peer& peer, Seen& seen) const = 0;
    /// Another one may follow.
    virtual bool isKept(const Seen&) const { return true; }

 private:
    void serve(int fd, unsigned number) override {
        Peer peer(fd);
        for (Seen request = of(number); readRequest(peer, request); request = of(number)) {
            answer(peer, request);
            if (peer.hangs_up || !isKept(request)) return;
        }
    }
    static Seen of(unsigned connection) {
        Seen seen{};
        seen.connection = connection;
        return seen;
    }
    void answer(Peer& peer, const Seen& request) {
        Script script;
        {
            std::lock_guard hold(lock_);
            script = script_;
            seen_.push_back(request);
        }
        ++requests;
        raise(most_busy, ++busy);
        script(peer, request);
        --busy;
    }

    Script script_;
    std::vector<Seen> seen_;
};

}  // namespace turnpike::testing
