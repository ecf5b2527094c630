// connection.h - one connection of the generator, which has at most one request under way. One thread.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "measure/load/dialer.h"
#include "measure/load/response_reader.h"
#include "os/event.h"

namespace turnpike::measure {

class Connection {
 public:
    /// Idle: nothing is asked. Complete: the answer has come, ask again or close.
    enum class State : uint8_t { Idle, Waiting, Complete, Failed };

    /// Events come from `poller` with `who`. Both and `dialer` must outlive the connection.
    Connection(Dialer& dialer, os::Poller& poller, void* who) : dialer_(dialer), poller_(poller), who_(who) {}

    /// Connects where needed and sends `request`, which must stay until the answer is complete. Waiting or Failed.
    State ask(std::string_view request);
    /// What the poller told; `buffer` is where bytes are read to. Its answer to each event after ask().
    State onEvent(uint32_t what, std::span<char> buffer);
    void close();

    bool isOpen() const { return transport_ != nullptr; }
    const ResponseReader& answer() const { return answer_; }
    /// Bytes of HTTP read since the last ask().
    uint64_t received() const { return received_; }
    /// Why it is Failed.
    const std::string& failure() const { return failure_; }

 private:
    bool connect();
    State shakeHands();
    State send();
    State watch(uint32_t what);
    State receive(bool to_the_end, std::span<char> buffer);
    bool mayHaveMore(int64_t got, std::span<char> buffer) const;
    State take(std::string_view data);
    State onClosed(int64_t result);
    State fail(const std::string& what, int64_t error);
    State fail(std::string why);

    Dialer& dialer_;
    os::Poller& poller_;
    void* who_;
    std::unique_ptr<net::Transport> transport_;
    std::string_view unsent_;
    ResponseReader answer_;
    std::string failure_;
    uint64_t received_ = 0;
    uint32_t watched_ = 0;
    bool waiting_ = false;
    bool is_new_ = false;  // nothing has been sent on it yet
};

}  // namespace turnpike::measure
