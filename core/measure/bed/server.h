// server.h - a Turnpike under test: this very program, serving one config of the bed.
#pragma once
#include <string>

#include "measure/bed/child.h"
#include "measure/bed/configuration.h"
#include "measure/server_status.h"
#include "os/socket.h"

namespace turnpike::measure {

class Server {
 public:
    /// Starts FOLDER/NAME.toml and returns at once.
    static Result<Server> start(const std::string& program, const std::string& folder,
                                const Configuration& configuration);

    /// Returns when it takes connections; or says why it does not.
    Result<bool> waitUntilReady();
    Result<ServerStatus> status() const;
    /// Where it listens; known once it is ready.
    const os::Address& address() const { return address_; }
    /// The master's.
    pid_t pid() const { return child_.pid(); }

 private:
    Server(Child child, std::string name, std::string log, std::string control)
        : child_(std::move(child)), name_(std::move(name)), log_(std::move(log)), control_(std::move(control)) {}

    Child child_;
    std::string name_, log_, control_;
    os::Address address_;
};

}  // namespace turnpike::measure
