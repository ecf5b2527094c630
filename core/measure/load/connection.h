// connection.h - one connection of the generator, which has at most one request under way. One thread.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "measure/load/response_reader.h"
#include "os/event.h"
#include "os/socket.h"

namespace turnpike::measure {

class Connection {
 public:
    /// Idle: nothing is asked. Complete: the answer has come, ask again or close.
    enum class State : uint8_t { Idle, Waiting, Complete, Failed };

    /// Events come from `poller` with `who`. Both and `address` must outlive the connection.
    Connection(const os::Address& address, os::Poller& poller, void* who)
        : address_(address), poller_(poller), who_(who) {}

    /// Connects where needed and sends `request`, which must stay until the answer is complete. Waiting or Failed.
    State ask(std::string_view request);
    /// What the poller told; `buffer` is where bytes are read to. Its answer to each event after ask().
    State onEvent(uint32_t what, std::span<char> buffer);
    void close();

    bool isOpen() const { return static_cast<bool>(fd_); }
    const ResponseReader& answer() const { return answer_; }
    /// Bytes read since the last ask().
    uint64_t received() const { return received_; }
    /// Why it is Failed.
    const std::string& failure() const { return failure_; }

 private:
    bool connect();
    State send();
    State watch(uint32_t what);
    State receive(bool to_the_end, std::span<char> buffer);
    State take(std::string_view data);
    State onClosed(int64_t result);
    State fail(const std::string& what, int64_t error);
    State fail(std::string why);

    const os::Address& address_;
    os::Poller& poller_;
    void* who_;
    os::Fd fd_;
    std::string_view unsent_;
    ResponseReader answer_;
    std::string failure_;
    uint64_t received_ = 0;
    uint32_t watched_ = 0;
    bool waiting_ = false;
    bool is_new_ = false;  // nothing has been sent on it yet
};

}  // namespace turnpike::measure
