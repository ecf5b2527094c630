// server_process.h - the real turnpike program, started for a test in a folder of its own on a free port, and
// ended by pid. What its sanitizers have to say fails the test.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "support/temp_folder.h"

namespace turnpike {

/// A port of 127.0.0.1 that nobody listens on now.
uint16_t freePort();

class ServerProcess {
 public:
    /// `sites`: TOML of the sites. `server` and `limits`: more lines for those tables. In all of them FOLDER is
    /// the test's own folder and PORT the port; plugins come from the build. Waits until the port answers.
    explicit ServerProcess(const std::string& sites, const std::string& server = "",
                           const std::string& limits = "");
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    bool isUp() const { return pid_ > 0; }
    pid_t pid() const { return pid_; }
    uint16_t port() const { return port_; }
    const TempFolder& folder() const { return folder_; }
    std::string configPath() const { return folder_.path() + "/turnpike.toml"; }
    /// Writes the config anew, with other sites.
    void writeConfig(const std::string& sites) const;

    /// Everything logged so far.
    std::string errorLog() const;
    std::string accessLog() const;
    /// Waits up to ten seconds until the error log holds `text`.
    bool waitForLog(const std::string& text) const;
    /// Waits up to ten seconds until the access log has at least `lines` lines, and returns it.
    std::string waitForAccess(size_t lines) const;
    /// `turnpike VERB -c CONFIG`: its exit status; *output holds what it printed.
    int run(const std::string& verb, std::string* output = nullptr) const;
    void signal(int number) const;
    /// Ends it with SIGTERM and waits; the exit status, -1 when it had to be killed.
    int stop();

 private:
    TempFolder folder_;
    std::string server_lines_, limit_lines_;
    uint16_t port_;
    pid_t pid_ = -1;
};

/// Runs a program to its end: exit status (128 + signal when killed), output in *output.
int runProgram(const std::string& shell_command, std::string* output);

}  // namespace turnpike
