#include "measure/experiment/clients.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "os/local.h"
#include "os/process.h"

namespace turnpike::measure {
namespace {

constexpr auto kClass = os::Class::Client;
constexpr uint64_t kPauseNs = 5'000'000;  // between the parts of a head
constexpr uint64_t kNsPerMs = 1'000'000;

/// What a client sends, part by part with a pause before each but the first.
std::vector<std::string> partsOf(Behaviour behaviour, const std::string& path) {
    const std::string head = "GET " + path + " HTTP/1.0\r\n\r\n";
    std::vector<std::string> parts;
    switch (behaviour) {
        case Behaviour::Split:
            return {head.substr(0, head.size() / 2), head.substr(head.size() / 2)};
        case Behaviour::Slow:
            for (const char c : head) parts.emplace_back(1, c);
            return parts;
        case Behaviour::Garbage:
            return {std::string("\x16\x03\x01\x02\x00\x01\xfc\x03\x03 no HTTP at all\r\n\r\n", 28)};
        case Behaviour::Abandoned:
            return {};
        case Behaviour::Browser:
        case Behaviour::Fast:
            break;
    }
    return {head};
}

/// One client, over and over.
class Client {
 public:
    /// Begins for the first time at `first`.
    Client(const Load& load, const std::vector<std::string>& parts, bool wants_page, uint64_t first)
        : load_(load), parts_(parts), wants_page_(wants_page), due_(first) {}

    bool isIdle() const { return !fd_; }
    int fd() const { return fd_.get(); }
    /// When it wants to be called though nothing has come.
    uint64_t dueNs() const { return isIdle() || next_ < parts_.size() ? due_ : UINT64_MAX; }
    /// What poll() is to wait for.
    short interest() const { return is_connected_ ? POLLIN : POLLOUT; }

    void begin(LoadOutcome& to) {
        bool done = false;
        begun_ = monotonicNs();
        next_ = 0;
        due_ = begun_;
        answer_.clear();
        fd_ = os::Fd(os::connect(load_.address, kClass, &done), kClass);
        if (!fd_) return fail(to, "cannot connect", fd_.get());
        is_connected_ = done;
        ++to.connects;
        if (done) goOn(to);
    }

    void onReady(LoadOutcome& to) {
        if (is_connected_) return receive(to);
        if (int error = os::socketError(fd_.get(), kClass); error != 0) return fail(to, "cannot connect", error);
        is_connected_ = true;
        goOn(to);
    }

    /// Sends what is due.
    void goOn(LoadOutcome& to) {
        if (!is_connected_) return;
        if (parts_.empty() && next_ == 0) return leave(to);
        if (next_ >= parts_.size() || monotonicNs() < due_) return;
        const std::string& part = parts_[next_++];
        const int64_t sent = os::send(fd_.get(), part.data(), part.size(), false, kClass);
        if (sent != static_cast<int64_t>(part.size())) return fail(to, "cannot send", sent < 0 ? sent : -EAGAIN);
        due_ = monotonicNs() + kPauseNs;
    }

 private:
    /// Says that nothing will come, and waits for the server to see it: it sets the pace.
    void leave(LoadOutcome& to) {
        next_ = 1;
        if (int left = os::shutdownWrite(fd_.get(), kClass); left < 0) fail(to, "cannot leave", left);
    }

    void receive(LoadOutcome& to) {
        char buffer[65536];
        int64_t got = 0;
        while ((got = os::recv(fd_.get(), buffer, sizeof buffer, kClass)) > 0) {
            to.received += static_cast<uint64_t>(got);
            if (answer_.size() < sizeof kGood) answer_.append(buffer, static_cast<size_t>(got));
        }
        if (got == -EAGAIN) return;
        if (got < 0 && wants_page_) return fail(to, "cannot read", got);
        if (wants_page_ && !answer_.starts_with(kGood)) {
            to.failure = "answered " + answer_.substr(0, answer_.find('\r')) + " instead of 200";
            fd_.reset();
            return;
        }
        finish(to);
    }

    void finish(LoadOutcome& to) {
        fd_.reset();
        ++to.requests;
        to.latency_ns.add(monotonicNs() - begun_);
    }

    void fail(LoadOutcome& to, const char* what, int64_t result) {
        to.failure = std::string(what) + ": " + std::strerror(static_cast<int>(-result));
        fd_.reset();
    }

    static constexpr char kGood[] = "HTTP/1.1 200";

    const Load& load_;
    const std::vector<std::string>& parts_;
    const bool wants_page_;
    os::Fd fd_;
    bool is_connected_ = false;
    size_t next_ = 0;
    uint64_t begun_ = 0, due_;
    std::string answer_;
};

/// All of them, until all have finished.
class Crowd {
 public:
    Crowd(Behaviour behaviour, const Load& load)
        : load_(load), parts_(partsOf(behaviour, load.paths.front())), polled_(load.connections) {
        const bool wants_page = behaviour != Behaviour::Abandoned && behaviour != Behaviour::Garbage;
        // Those that pause do so at different moments, as strangers would.
        const uint64_t apart = parts_.size() > 1 ? kPauseNs / load.connections : 0;
        for (unsigned i = 0; i < load.connections; ++i)
            clients_.emplace_back(load_, parts_, wants_page, begun_ + i * apart);
    }

    LoadOutcome run() {
        const uint64_t cpu = os::cpuNs(os::ownPid());
        while (outcome_.failure.empty()) {
            const bool is_busy = beginDue() || hasOpen();
            if (!is_busy && !mayBegin()) break;
            wait();
        }
        outcome_.elapsed_ns = monotonicNs() - begun_;
        outcome_.cpu_ns = os::cpuNs(os::ownPid()) - cpu;
        return std::move(outcome_);
    }

 private:
    bool mayBegin() const {
        return monotonicNs() < begun_ + load_.duration_ms * kNsPerMs && outcome_.connects < load_.most_requests;
    }

    bool beginDue() {
        bool has_begun = false;
        for (Client& client : clients_) {
            if (!client.isIdle() || client.dueNs() > monotonicNs() || !mayBegin()) continue;
            client.begin(outcome_);
            has_begun = true;
        }
        return has_begun;
    }

    bool hasOpen() const {
        return std::any_of(clients_.begin(), clients_.end(),
                           [](const Client& client) { return !client.isIdle(); });
    }

    void wait() {
        uint64_t due = UINT64_MAX;
        const bool may_begin = mayBegin();
        for (size_t i = 0; i < clients_.size(); ++i) {
            const Client& client = clients_[i];
            polled_[i] = {client.fd(), client.interest(), 0};  // poll() skips a descriptor of -1
            if (may_begin || !client.isIdle()) due = std::min(due, client.dueNs());
        }
        const int ready = os::poll(polled_.data(), polled_.size(), pauseMs(due));
        if (ready == 0 && due == UINT64_MAX)
            outcome_.failure = "no answer for " + std::to_string(load_.silence_ms) + " ms";
        for (size_t i = 0; i < clients_.size(); ++i) {
            if (polled_[i].revents != 0) clients_[i].onReady(outcome_);
            if (!clients_[i].isIdle()) clients_[i].goOn(outcome_);
        }
    }

    /// Rounded up, so that what is due then is due.
    int pauseMs(uint64_t due) const {
        if (due == UINT64_MAX) return static_cast<int>(load_.silence_ms);
        const uint64_t now = monotonicNs();
        return due <= now ? 0 : static_cast<int>((due - now + kNsPerMs - 1) / kNsPerMs);
    }

    const Load& load_;
    const uint64_t begun_ = monotonicNs();
    std::vector<std::string> parts_;
    std::vector<Client> clients_;
    std::vector<pollfd> polled_;
    LoadOutcome outcome_;
};

}  // namespace

LoadOutcome runClients(Behaviour behaviour, const Load& load) { return Crowd(behaviour, load).run(); }

}  // namespace turnpike::measure
