// probe.h - asks one target for its health from time to time. Loop thread only.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "answer_head.h"
#include "sdk/gateway/buffer.h"
#include "sdk/services.h"

namespace turnpike::proxy {

class Pool;
class Target;

class Probe {
 public:
    /// Begins at once.
    Probe(Pool& pool, size_t target);
    ~Probe();
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;

 private:
    static void ticked(void* self);
    static void ready(void* self, uint32_t what);
    void ask();
    void send();
    void read();
    std::string reasonOf(int64_t error) const;
    void judge();
    void finish(bool is_good, const std::string& why);
    void close();

    Pool& pool_;
    Target& target_;
    std::string question_;
    tp_timer* timer_ = nullptr;
    tp_watch* watch_ = nullptr;
    int fd_ = -1;
    size_t sent_ = 0;
    bool is_connected_ = false;
    AnswerHead head_;
    std::unique_ptr<gateway::Buffer> buffer_;
};

}  // namespace turnpike::proxy
