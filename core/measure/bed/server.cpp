#include "measure/bed/server.h"

#include <chrono>
#include <csignal>
#include <thread>

#include "base/clock.h"
#include "os/file.h"
#include "process/control.h"

namespace turnpike::measure {
namespace {

constexpr int kAnswerMs = 5000;
constexpr uint64_t kStartMs = 30'000;

}  // namespace

Result<Server> Server::start(const std::string& program, const std::string& folder, const std::string& name) {
    Child::Program start;
    start.argv = {program, "serve", "-c", folder + "/" + name + ".toml"};
    start.folder = folder;
    start.log = folder + "/log/" + name + ".output";
    start.death_signal = SIGQUIT;  // it then ends what it has started before it ends itself
    auto child = Child::start(start);
    if (!child) return child.error();
    return Server(std::move(*child), folder, name);
}

Result<ServerStatus> Server::status() const {
    auto json = process::ask(folder_ + "/run/" + name_ + "/control.sock", "status", kAnswerMs);
    if (!json) return json.error();
    return parseStatus(*json);
}

Result<bool> Server::waitUntilReady() {
    const uint64_t until = monotonicNs() + kStartMs * 1'000'000;
    for (;;) {
        auto now = status();
        if (now && !now->listen.empty()) {
            auto address = os::Address::parse(now->listen.front());
            if (!address) return address.error();
            address_ = *address;
            return true;
        }
        const bool is_over = !child_.isRunning() || monotonicNs() > until;
        if (is_over) {
            auto log = os::readFile(folder_ + "/log/" + name_);
            return Error{EIO, "the server under test " + name_ + " did not start: " + child_.lastWords() +
                                  (log ? *log : std::string())};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

}  // namespace turnpike::measure
