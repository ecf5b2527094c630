#include "turnpike.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "process/control.h"
#include "processes.h"
#include "support/server_process.h"

namespace turnpike::e2e {
namespace {

void replaceAll(std::string& text, const std::string& name, const std::string& value) {
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
        text.replace(at, name.size(), value);
}

int exitStatus(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

bool isRoot() { return ::geteuid() == 0; }

void giveToWorkers(const std::string& path) {
    if (!isRoot()) return;
    const passwd* user = ::getpwnam("www-data");
    if (user == nullptr) user = ::getpwnam("nobody");
    ASSERT_NE(user, nullptr);
    ASSERT_EQ(::chown(path.c_str(), user->pw_uid, user->pw_gid), 0);
}

Turnpike::Turnpike(Setup s) : setup(std::move(s)), port_(freePort()) { ::chmod(folder_.path().c_str(), 0755); }

Turnpike::~Turnpike() {
    if (pid_ > 0) stop();
    std::string said = output() + errorLog();
    for (const char* mark :
         {"ERROR: AddressSanitizer", "runtime error:", "WARNING: ThreadSanitizer", "LeakSanitizer"})
        if (said.find(mark) != std::string::npos) ADD_FAILURE() << said;
    if (testing::Test::HasFailure()) std::printf("error log of the server:\n%.20000s\n", errorLog().c_str());
}

std::string Turnpike::expanded(std::string text) const {
    replaceAll(text, "FOLDER", folder_.path());
    replaceAll(text, "PORT", std::to_string(port_));
    return text;
}

std::string Turnpike::configText() const {
    const bool has_own_limit = setup.limits.find("connections_per_address") != std::string::npos;
    return expanded("[server]\nlisten = [\"" + setup.listen + "\"]\nworkers = " + std::to_string(setup.workers) +
                    "\nplugin_folder = \"" + setup.plugin_folder + "\"\nruntime_folder = \"" +
                    setup.runtime_folder + "\"\nspool_folder = \"" + setup.spool_folder + "\"\nerror_log = \"" +
                    setup.error_log + "\"\naccess_log = \"" + setup.access_log + "\"\n" + setup.server +
                    "\n[limits]\n" + (has_own_limit ? "" : "connections_per_address = 0\n") + setup.limits + "\n" +
                    setup.sites);
}

/// Never half a file for a server that reads it at this moment.
void Turnpike::writeConfigText(const std::string& text) const {
    folder_.write("turnpike.toml.new", text);
    ASSERT_EQ(::rename(path("turnpike.toml.new").c_str(), configPath().c_str()), 0);
}

void Turnpike::writeConfig() const { writeConfigText(configText()); }

void Turnpike::launch() {
    pid_ = ::fork();
    if (pid_ != 0) return;
    int fd = ::open(path("output.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(fd, 1);
    ::dup2(fd, 2);
    ::close(fd);
    // As it was asked for; but a test that kills a worker wants a signal, not the report of a sanitizer.
    const char* given = std::getenv("ASAN_OPTIONS");
    const std::string options = std::string(given != nullptr ? given : "") + ":handle_segv=0:handle_abort=0";
    ::setenv("ASAN_OPTIONS", options.c_str(), 1);
    if (setup.before_exec) setup.before_exec();
    ::execl(TURNPIKE_PROGRAM, TURNPIKE_PROGRAM, "serve", "-c", configPath().c_str(), nullptr);
    ::_exit(127);
}

bool Turnpike::start() {
    writeConfig();
    launch();
    bool serves = eventually([this] { return waitForEnd(0) >= 0 || isServing(); });
    if (serves && pid_ > 0) return true;
    ADD_FAILURE() << "the server did not start:\n" << output();
    return false;
}

int Turnpike::startAndFail() {
    launch();
    return waitForEnd();
}

bool Turnpike::isServing() const { return workers().size() == setup.workers; }

void Turnpike::signal(int number) const { signalTo(pid_, number); }

int Turnpike::waitForEnd(int ms) {
    int status = 0;
    if (pid_ <= 0 ||
        !eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, std::chrono::milliseconds(ms)))
        return -1;
    pid_ = -1;
    return exitStatus(status);
}

int Turnpike::stop() {
    if (pid_ <= 0) return -1;
    signal(SIGTERM);
    int ended = waitForEnd();
    if (ended >= 0) return ended;
    signal(SIGKILL);
    waitForEnd();
    return -1;
}

std::string Turnpike::read(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool Turnpike::waitForLog(const std::string& text) const {
    return eventually([&] { return errorLog().find(text) != std::string::npos; });
}

int Turnpike::run(const std::string& verb, std::string* output) const {
    return runProgram(TURNPIKE_PROGRAM " " + verb + " -c " + configPath() + " 2>&1", output);
}

Poco::JSON::Object::Ptr Turnpike::status() const {
    auto answer = process::ask(path("run/control.sock"), "status", 5'000);
    if (!answer || answer->empty()) return new Poco::JSON::Object;
    return Poco::JSON::Parser().parse(*answer).extract<Poco::JSON::Object::Ptr>();
}

int Turnpike::number(const std::string& name) const { return status()->optValue<int>(name, -1); }

std::set<pid_t> Turnpike::workers(const std::string& state) const {
    std::set<pid_t> pids;
    auto list = status()->getArray("workers");
    for (unsigned i = 0; list && i < list->size(); ++i)
        if (list->getObject(i)->getValue<std::string>("state") == state)
            pids.insert(list->getObject(i)->getValue<int>("pid"));
    return pids;
}

std::set<pid_t> Turnpike::backend(unsigned index) const {
    std::set<pid_t> pids;
    auto list = status()->getArray("backends");
    if (!list || index >= list->size()) return pids;
    auto processes = list->getObject(index)->getArray("processes");
    for (unsigned i = 0; i < processes->size(); ++i) pids.insert(processes->getElement<int>(i));
    return pids;
}

bool Turnpike::reload() const {
    int before = number("generation");
    signal(SIGHUP);
    const auto isDone = [&] {
        auto now = status();
        auto list = now->getArray("workers");
        return now->optValue<int>("generation", -1) > before && list && list->size() == setup.workers;
    };
    // Beside clients that keep both processors busy the master has waited for one for ten seconds.
    return eventually(isDone, std::chrono::seconds(60));
}

}  // namespace turnpike::e2e
