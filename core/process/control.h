// control.h - how `turnpike status`, `reload`, `stop` and `purge` talk to a running master: a unix socket, one
// JSON object a line, one request a connection. {"verb":"status"} is answered with an object; failures with
// {"error":"..."}.
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
    /// `line`: the whole request, for what it says besides the verb.
    using Handler = std::function<void(const std::string& verb, const std::string& line, Reply reply)>;
    enum class Who : uint8_t {
        Owner,  // this process's user, and root
        Anyone  // the handler must know whom it serves
    };

    ControlServer(Reactor& reactor, os::ErrorLog& log, Handler handler);
    ~ControlServer();
    /// Fails when another master answers there. `key`: of the config, for errors.
    Result<bool> open(const std::string& path, const std::string& key, Who who);

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
    Who who_ = Who::Owner;
    os::Fd listener_;
    std::map<uint64_t, Connection> connections_;
    uint64_t next_ = 1;
};

/// One request to the master at `path`; waits for the answer up to `timeout_ms` (-1: for ever). An error says in
/// words why there is none: not running, no permission.
Result<std::string> ask(const std::string& path, const std::string& verb, int timeout_ms);
/// The same with a whole request, a JSON object.
Result<std::string> askLine(const std::string& path, const std::string& json, int timeout_ms);

}  // namespace turnpike::process
