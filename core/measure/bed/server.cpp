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

Result<Server> Server::start(const std::string& program, const std::string& folder,
                             const Configuration& configuration) {
    const std::string& name = configuration.name;
    const std::string log = folder + "/log/" + name;
    Child::Program start;
    start.argv = {program, "serve", "-c", folder + "/" + name + ".toml"};
    start.folder = folder;
    start.log = log + ".output";
    start.death_signal = SIGQUIT;  // it then ends what it has started before it ends itself
    auto child = Child::start(start);
    if (!child) return child.error();
    return Server(std::move(*child), name, log, folder + "/" + configuration.run_folder + "/control.sock");
}

Result<ServerStatus> Server::status() const {
    auto json = process::ask(control_, "status", kAnswerMs);
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
            auto log = os::readFile(log_);
            return Error{EIO, "the server under test " + name_ + " did not start: " + child_.lastWords() +
                                  (log ? *log : std::string())};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

}  // namespace turnpike::measure
