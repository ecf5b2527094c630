// master_fixture.h - a real master with its real processes, but fake workers and a fake config: a file of
// "key value" lines.
#pragma once
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "os/file.h"
#include "process/control.h"
#include "process/master.h"

namespace turnpike::process {

/// The fake config: what it says of a key, in the order of the file.
inline std::vector<std::string> valuesOf(const std::string& path, const std::string& key) {
    std::ifstream file(path);
    std::vector<std::string> values;
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(key + " ")) values.push_back(line.substr(key.size() + 1));
    return values;
}

inline Problems fakeLoad(const std::string& path, std::shared_ptr<const config::Snapshot>* out) {
    auto snapshot = std::make_shared<config::Snapshot>();
    auto first = [&](const std::string& key, const std::string& fallback) {
        auto values = valuesOf(path, key);
        return values.empty() ? fallback : values.front();
    };
    config::Server& server = snapshot->server;
    std::string folder = path.substr(0, path.rfind('/'));
    for (const std::string& address : valuesOf(path, "listen")) server.listen.push_back({address});
    server.defer_accept_ms = 0;  // its workers speak first
    server.workers = static_cast<uint32_t>(std::stoul(first("workers", "2")));
    server.limits.drain_ms = std::stoul(first("drain_ms", "5000"));
    server.user = first("user", "");
    server.spool_folder = first("spool", "");
    server.access_log = first("access_log", "");
    server.runtime_folder = folder + "/run";
    server.spool_folder = first("spool", "");
    server.control_socket = folder + "/control";
    server.pid_file = folder + "/pid";
    server.error_log = folder + "/error.log";
    server.log_level = TP_LOG_DEBUG;
    server.server_name = first("behaviour", "");
    snapshot->files = {path};
    snapshot->sites.resize(1);
    *out = snapshot;
    return valuesOf(path, "problem");
}

/// "backend NAME COUNT COMMAND..."
inline server::BackendSpec fakeBackend(const std::string& text) {
    std::istringstream words(text);
    server::BackendSpec spec;
    words >> spec.name >> spec.count;
    for (std::string word; words >> word;) spec.command.push_back(word);
    if (spec.command.empty()) spec.address = "127.0.0.1:1";
    spec.restart_ms = 10;
    return spec;
}

inline Problems fakeProbe(const config::Snapshot& snapshot, server::Declared* declared,
                          const server::Trying& trying) {
    if (snapshot.server.server_name == "crash-probe") ::raise(SIGSEGV);
    // More than the pipe holds: they are read while they are written.
    for (int i = 0; i < 1000; ++i) trying("step " + std::to_string(i) + std::string(100, ' '));
    trying("the last step");
    if (snapshot.server.server_name == "crash-step") ::raise(SIGABRT);
    if (snapshot.server.server_name == "exit-step") ::_exit(0);
    for (const auto& text : valuesOf(snapshot.files[0], "backend"))
        declared->backends.push_back(fakeBackend(text));
    return valuesOf(snapshot.files[0], "probe_problem");
}

/// Answers each connection with one line, "index generation uid", and keeps it open until the peer sends a byte.
class FakeWorker {
 public:
    explicit FakeWorker(const server::WorkerSetup& setup) : setup_(setup) {}

    int run() {
        const std::string& behaviour = setup_.snapshot->server.server_name;
        if (behaviour == "fail") return report("fno such plugin"), 1;
        reactor_.watch(setup_.channel, os::kReadable, [this](uint32_t) { onOrder(); });
        if (behaviour == "late" && setup_.index == 1) {
            failLater();
            reactor_.run();
            return 1;
        }
        for (const auto& l : setup_.listeners)
            reactor_.watch(l.fd, os::kReadable, [this, fd = l.fd](uint32_t) { onConnect(fd); });
        report("r");
        if (behaviour == "crash") ::usleep(1000), ::raise(SIGSEGV);
        reactor_.run();
        return 0;
    }

 private:
    /// Neither ready nor failed, until there is a file "fail".
    void failLater() {
        if (::access(file("fail").c_str(), F_OK) == 0) {
            report("fit took too long");
            return reactor_.stop();
        }
        reactor_.after(5, [this] { failLater(); });
    }

    std::string file(const std::string& name) const {
        const std::string& config = setup_.snapshot->files.front();
        return config.substr(0, config.rfind('/') + 1) + name;
    }

    void report(const std::string& text) { ::send(setup_.channel, text.data(), text.size(), 0); }

    void onOrder() {
        char order = 'd';
        ::recv(setup_.channel, &order, 1, 0);
        if (order == 'l') return report("l");
        if (setup_.snapshot->server.server_name == "late") std::ofstream(file("told")) << order;
        if (order == 'd' && setup_.snapshot->server.server_name == "hang") return;
        for (const auto& l : setup_.listeners) reactor_.unwatch(l.fd);
        if (!draining_) report("c");
        draining_ = true;
        if (open_ == 0 || order == 's') reactor_.stop();
    }

    void onConnect(int listener) {
        int fd = os::accept(listener, nullptr);
        if (fd < 0) return;
        ++open_;
        ++setup_.slot->counters.requests;
        std::string text = std::to_string(setup_.index) + " " + std::to_string(setup_.slot->generation.load()) +
                           " " + std::to_string(::getuid()) + "\n";
        ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        reactor_.watch(fd, os::kReadable, [this, fd](uint32_t) {
            reactor_.unwatch(fd);
            ::send(fd, "bye\n", 4, MSG_NOSIGNAL);
            ::close(fd);
            if (--open_ == 0 && draining_) reactor_.stop();
        });
    }

    const server::WorkerSetup& setup_;
    Reactor reactor_;
    int open_ = 0;
    bool draining_ = false;
};

template <class F>
bool eventually(F done) {
    for (int i = 0; i < 1000; ++i) {
        if (done()) return true;
        ::usleep(10'000);
    }
    return done();
}

inline bool isAlive(pid_t pid) {
    auto text = os::readFile("/proc/" + std::to_string(pid) + "/stat");
    return text && (*text)[text->rfind(')') + 2] != 'Z';
}

class MasterTest : public ::testing::Test {
 protected:
    using Object = Poco::JSON::Object;

    void SetUp() override {
        char name[] = "/tmp/turnpike-test-XXXXXX";
        folder_ = ::mkdtemp(name);
        ::chmod(folder_.c_str(), 0755);
        config_ = folder_ + "/config";
        ::sockaddr_un address{};
        address.sun_family = AF_UNIX;
        notify_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        std::string path = folder_ + "/notify";
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        ASSERT_EQ(::bind(notify_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }

    void TearDown() override {
        if (master_ > 0) {
            ::kill(master_, SIGINT);
            ::waitpid(master_, nullptr, 0);
        }
        ::close(notify_);
        if (HasFailure()) std::fprintf(stderr, "%s", read("error.log").c_str());
        std::filesystem::remove_all(folder_);
    }

    void letWorkersWrite() { ASSERT_EQ(::chmod(folder_.c_str(), 0777), 0); }

    void configure(const std::string& text) {
        std::ofstream(config_) << (text.find("listen ") == text.npos ? "listen unix:" + folder_ + "/web\n" : "")
                               << text;
    }

    /// Starts a master; `prepare` runs in its process before it does anything.
    void start(const std::function<void()>& prepare = [] {}) {
        master_ = ::fork();
        if (master_ != 0) return;
        ::setenv("NOTIFY_SOCKET", (folder_ + "/notify").c_str(), 1);
        FILE* errors = std::freopen((folder_ + "/stderr").c_str(), "w", stderr);
        prepare();
        MasterOptions options{config_, fakeLoad, fakeProbe,
                              [](const server::WorkerSetup& setup) { return FakeWorker(setup).run(); }};
        int status = Master(options).run();
        std::fclose(errors);
        ::_exit(status);
    }

    /// The next message for systemd, empty after ten seconds of silence.
    std::string nextNotice() {
        pollfd waiting{notify_, POLLIN, 0};
        char buffer[4096];
        if (::poll(&waiting, 1, 10'000) <= 0) return "";
        ssize_t size = ::recv(notify_, buffer, sizeof buffer, 0);
        return {buffer, static_cast<size_t>(size > 0 ? size : 0)};
    }

    void startServing(const std::string& text) {
        configure(text);
        start();
        ASSERT_TRUE(nextNotice().starts_with("READY=1\n"));
    }

    Object::Ptr ask(const std::string& verb) {
        auto answer = process::ask(folder_ + "/control", verb, 20'000);
        EXPECT_TRUE(answer) << answer.error().text;
        if (!answer || answer->empty()) return new Object;
        return Poco::JSON::Parser().parse(*answer).extract<Object::Ptr>();
    }

    std::vector<std::string> reload() {
        auto problems = ask("reload")->getArray("problems");
        std::vector<std::string> texts;
        for (size_t i = 0; i < problems->size(); ++i)
            texts.push_back(problems->getElement<std::string>(static_cast<unsigned>(i)));
        return texts;
    }

    /// Pids of workers in `state`.
    std::set<pid_t> workers(const std::string& state = "serving") {
        std::set<pid_t> pids;
        auto list = ask("status")->getArray("workers");
        for (unsigned i = 0; i < list->size(); ++i)
            if (list->getObject(i)->getValue<std::string>("state") == state)
                pids.insert(list->getObject(i)->getValue<int>("pid"));
        return pids;
    }

    std::vector<pid_t> backend(unsigned index = 0) {
        auto list = ask("status")->getArray("backends");
        std::vector<pid_t> pids;
        if (index >= list->size()) return pids;
        auto processes = list->getObject(index)->getArray("processes");
        for (unsigned i = 0; i < processes->size(); ++i) pids.push_back(processes->getElement<int>(i));
        return pids;
    }

    /// Connects to the workers' socket: its descriptor, or -errno.
    int connect(const std::string& address = "") {
        auto to = os::Address::parse(address.empty() ? "unix:" + folder_ + "/web" : address);
        int fd = ::socket(to->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(fd, reinterpret_cast<sockaddr*>(&to->storage), to->size) == 0) return fd;
        int error = errno;
        ::close(fd);
        return -error;
    }

    static std::string line(int fd) {
        std::string text;
        for (char c; ::read(fd, &c, 1) == 1 && c != '\n';) text += c;
        return text;
    }

    /// One whole conversation: "index generation uid".
    std::string converse(const std::string& address = "") {
        int fd = connect(address);
        if (fd < 0) return "refused";
        std::string text = line(fd);
        EXPECT_EQ(::send(fd, "x", 1, MSG_NOSIGNAL), 1);
        EXPECT_EQ(line(fd), "bye");
        ::close(fd);
        return text;
    }

    /// Waits for the master's end.
    int waitForEnd() {
        int status = -1;
        ::waitpid(master_, &status, 0);
        master_ = -1;
        return status;
    }

    std::string read(const std::string& name) {
        auto text = os::readFile(folder_ + "/" + name);
        return text ? *text : "";
    }

    std::string folder_, config_;
    int notify_ = -1;
    pid_t master_ = -1;
};

}  // namespace turnpike::process
