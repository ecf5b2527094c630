// server.h - a Turnpike under test: this very program, serving one config of the bed.
#pragma once
#include <string>

#include "measure/bed/child.h"
#include "measure/server_status.h"
#include "os/socket.h"

namespace turnpike::measure {

class Server {
 public:
    /// Starts FOLDER/NAME.toml and returns at once.
    static Result<Server> start(const std::string& program, const std::string& folder, const std::string& name);

    /// Returns when it takes connections; or says why it does not.
    Result<bool> waitUntilReady();
    Result<ServerStatus> status() const;
    /// Where it listens; known once it is ready.
    const os::Address& address() const { return address_; }
    /// The master's.
    pid_t pid() const { return child_.pid(); }
    const std::string& name() const { return name_; }

 private:
    Server(Child child, std::string folder, std::string name)
        : child_(std::move(child)), folder_(std::move(folder)), name_(std::move(name)) {}

    Child child_;
    std::string folder_, name_;
    os::Address address_;
};

}  // namespace turnpike::measure
