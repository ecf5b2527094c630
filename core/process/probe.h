// probe.h - trying a config out in a child without privileges: plugins are loaded and configured there, and a
// plugin that crashes takes the child with it and nothing else. In the master.
#pragma once
#include <functional>
#include <optional>

#include "os/fd.h"
#include "os/process.h"
#include "process/options.h"
#include "process/reactor.h"

namespace turnpike::process {

class Probe {
 public:
    struct Found {
        Problems problems;
        server::Declared declared;
    };
    using Done = std::function<void(Found)>;

    explicit Probe(Reactor& reactor) : reactor_(reactor) {}
    ~Probe();
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;

    /// Starts the child as `user` (empty: the caller's). `done` is called once the child has ended.
    Result<bool> start(const MasterOptions& options, const config::Snapshot& snapshot,
                       const std::optional<os::Identity>& user, Done done);
    /// False when the process is not the probe's; otherwise `done` was called, and this may be gone.
    bool onEnded(const os::Ended& ended);

 private:
    void onReadable();
    void takeSteps();
    Found result(int status) const;

    Reactor& reactor_;
    os::Fd pipe_;
    pid_t pid_ = 0;
    uint64_t deadline_ = 0;
    bool late_ = false;
    std::string bytes_, step_;  // step_: what the child was about to do last
    Done done_;
};

}  // namespace turnpike::process
