// control.h - how `turnpike status`, `reload` and `stop` talk to a running master: a unix socket, one JSON object
// a line, one request a connection. {"verb":"status"} is answered with an object; failures with {"error":"..."}.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "os/fd.h"
#include "os/log.h"
#include "process/reactor.h"

namespace turnpike::process {

class ControlServer {
 public:
    /// Answers the connection; may be called later, also when the client has left.
    using Reply = std::function<void(const std::string& json)>;
    using Handler = std::function<void(const std::string& verb, Reply reply)>;

    ControlServer(Reactor& reactor, os::ErrorLog& log, Handler handler);
    ~ControlServer();
    /// Only this process's user and root may connect. Fails when another master answers there.
    Result<bool> open(const std::string& path);

 private:
    struct Connection {
        os::Fd fd;
        std::string in, out;
        bool answered = false;
        uint64_t timer = 0;
    };
    void onConnect();
    void onEvent(uint64_t id);
    bool readRequest(uint64_t id, Connection& connection);
    void reply(uint64_t id, const std::string& json);
    void flush(uint64_t id);
    void drop(uint64_t id);

    Reactor& reactor_;
    os::ErrorLog& log_;
    Handler handler_;
    std::string path_;
    os::Fd listener_;
    std::map<uint64_t, Connection> connections_;
    uint64_t next_ = 1;
};

/// One request to the master at `path`; waits for the answer up to `timeout_ms` (-1: for ever). An error says in
/// words why there is none: not running, no permission.
Result<std::string> ask(const std::string& path, const std::string& verb, int timeout_ms);

}  // namespace turnpike::process
