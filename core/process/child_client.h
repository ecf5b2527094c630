// child_client.h - the worker's side of the spawner: asks for programs and hears of their end. On the loop's
// thread.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "net/loop.h"
#include "os/fd.h"
#include "process/spawn_protocol.h"
#include "server/worker.h"

/// The ABI's opaque handle of a running program.
struct tp_child {
    uint64_t id;
    void (*ended)(void*, const tp_child_end*);
    void* arg;
};

namespace turnpike::process {

class ChildClient final : public server::ChildService, private net::Source {
 public:
    /// `channel`: to the spawner.
    explicit ChildClient(os::Fd channel);
    ~ChildClient() override;

    int attach(net::EventLoop& loop) override;
    /// *error: -E2BIG when the arguments are too many or too long, -EAGAIN when the spawner does not keep up,
    /// -EPIPE when it is gone.
    tp_child* spawn(const server::SiteTag& site, const tp_spawn& spec, void (*ended)(void*, const tp_child_end*),
                    void* arg, int32_t* error) override;
    void kill(tp_child* child, uint64_t grace_ms) override;

 private:
    void onEvent(uint32_t what, uint32_t share_milli) override;
    void sendOrders();
    void onAnswer(const Answer& answer);
    void finish(uint64_t id, const tp_child_end& end);
    void loseAll(int32_t error);
    void endBelow(uint64_t id, int32_t error);

    os::Fd channel_;
    net::EventLoop* loop_ = nullptr;
    net::Timer retry_;  // of orders that found the channel full
    std::deque<std::string> kills_;
    bool mark_due_ = false;
    std::unordered_map<uint64_t, std::unique_ptr<tp_child>> children_;
    uint64_t next_ = 1;
};

}  // namespace turnpike::process
