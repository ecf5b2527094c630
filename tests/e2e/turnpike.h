// turnpike.h - the real server with a config of the test's own: started, asked, hurt and ended, always by pid.
#pragma once
#include <Poco/JSON/Object.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "support/temp_folder.h"

namespace turnpike::e2e {

/// What a test may want different. In all of it FOLDER stands for the server's folder and PORT for its port.
struct Setup {
    unsigned workers = 2;
    std::string sites;
    std::string server, limits;  // more lines of these tables
    std::string listen = "127.0.0.1:PORT";
    std::string plugin_folder = TURNPIKE_BUILD "/plugins";
    std::string runtime_folder = "FOLDER/run", spool_folder = "FOLDER/spool";
    std::string error_log = "FOLDER/error.log", access_log = "FOLDER/access.log";
    std::function<void()> before_exec;  // in the new process
};

class Turnpike {
 public:
    explicit Turnpike(Setup setup = {});
    ~Turnpike();
    Turnpike(const Turnpike&) = delete;
    Turnpike& operator=(const Turnpike&) = delete;

    /// Writes the config and starts the server; true once all its workers serve.
    bool start();
    /// The same for one that is expected to give up: its exit status, what it says is in output(). -1: it runs.
    int startAndFail();
    void writeConfig() const;
    void writeConfigText(const std::string& text) const;
    std::string configText() const;

    void signal(int number) const;
    /// Its exit status, 128 + the signal that ended it, -1 when it has not ended by then.
    int waitForEnd(int ms = 10'000);
    int stop();

    pid_t pid() const { return pid_; }
    uint16_t port() const { return port_; }
    std::string path(const std::string& name = "") const { return folder_.path() + "/" + name; }
    const TempFolder& folder() const { return folder_; }
    std::string configPath() const { return path("turnpike.toml"); }
    std::string read(const std::string& name) const;
    std::string errorLog() const { return read("error.log"); }
    std::string output() const { return read("output.log"); }
    bool waitForLog(const std::string& text) const;

    /// `turnpike VERB -c CONFIG`: its exit status, what it printed in *output.
    int run(const std::string& verb, std::string* output = nullptr) const;
    Poco::JSON::Object::Ptr status() const;
    int number(const std::string& name) const;
    std::set<pid_t> workers(const std::string& state = "serving") const;
    std::set<pid_t> backend(unsigned index = 0) const;
    /// Reloads with SIGHUP and waits until the next generation serves and the one before has ended.
    bool reload() const;

    Setup setup;

 private:
    void launch();
    bool isServing() const;
    std::string expanded(std::string text) const;

    TempFolder folder_;
    uint16_t port_;
    pid_t pid_ = -1;
};

/// A folder or file becomes the property of whom workers and programs run as, where the test is root.
void giveToWorkers(const std::string& path);
/// This program is root and may have servers whose workers are somebody else.
bool isRoot();

}  // namespace turnpike::e2e
