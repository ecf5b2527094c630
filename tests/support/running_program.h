// running_program.h - any program, started for a test with its output in a file, and ended by pid.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace turnpike {

class RunningProgram {
 public:
    /// argv[0] is the path; stdout and stderr are appended to `log`.
    RunningProgram(const std::vector<std::string>& argv, const std::string& log);
    ~RunningProgram();
    RunningProgram(const RunningProgram&) = delete;
    RunningProgram& operator=(const RunningProgram&) = delete;

    pid_t pid() const { return pid_; }
    /// Waits up to ten seconds until 127.0.0.1:port takes connections; false at once when the program has ended.
    bool waitForPort(uint16_t port);
    /// Waits up to a minute for its end: its exit status, 128 + the signal that ended it, -1 when it still runs.
    int waitForEnd();
    std::string output() const;

 private:
    std::string log_;
    pid_t pid_;
};

}  // namespace turnpike
