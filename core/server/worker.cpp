#include "server/worker.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include "os/signals.h"
#include "os/socket.h"
#include "server/connections.h"
#include "server/plugin_set.h"
#include "server/runtime.h"
#include "server/tls_sites.h"

namespace turnpike::server {
namespace {

/// The master's orders.
class Channel final : public net::Source {
 public:
    Channel(net::EventLoop& loop, int fd, std::function<void(Order)> obey)
        : loop_(loop), fd_(fd), obey_(std::move(obey)) {
        loop_.add(fd_, os::kReadable, *this);
    }
    ~Channel() override { loop_.remove(fd_, *this); }

    void onEvent(uint32_t, uint32_t) override {
        for (;;) {
            char order = 0;
            int64_t size = os::recvMessage(fd_, &order, 1, nullptr, nullptr, os::Class::Event);
            if (size == -EAGAIN) return;
            if (size <= 0) return obey_(Order::Drain);  // the master is gone
            obey_(static_cast<Order>(order));
        }
    }
    void report(Report what, const std::string& why = "") {
        std::string message = static_cast<char>(what) + why.substr(0, 2000);
        os::sendMessage(fd_, message.data(), message.size(), nullptr, 0, os::Class::Event);
    }

 private:
    net::EventLoop& loop_;
    int fd_;
    std::function<void(Order)> obey_;
};

/// Everything that a worker is made of, in the order in which it is built and, reversed, taken down.
class Worker {
 public:
    Worker(const WorkerSetup& setup, net::EventLoop& loop)
        : setup_(setup),
          loop_(loop),
          channel_(loop, setup.channel, [this](Order order) { obey(order); }),
          sites_(*setup.snapshot, problems_),
          runtime_(setup, loop, sites_),
          plugins_(*setup.snapshot, sites_, problems_, {setup.backends, setup.shared}),
          tls_(sites_, {setup.tickets, setup.snapshot->server.http2, setup.snapshot->server.ktls}, problems_),
          connections_(runtime_) {}
    ~Worker() { runtime_.stopPool(); }

    int run() {
        std::string why;
        if (!start(&why)) {
            runtime_.log(TP_LOG_ERROR, why);
            channel_.report(Report::Failed, why);
            return 1;
        }
        channel_.report(Report::Ready);
        loop_.run();
        return 0;
    }

 private:
    bool start(std::string* why) {
        if (int opened = runtime_.openLogs(why); opened < 0) return false;
        if (!problems_.empty()) {
            *why = problems_.front().text();
            return false;
        }
        if (setup_.children != nullptr && setup_.children->attach(loop_) < 0) {
            *why = "cannot reach the spawner";
            return false;
        }
        if (setup_.places != nullptr && setup_.places->attach(loop_) < 0) {
            *why = "cannot share the backends' places";
            return false;
        }
        std::string failed;
        if (!plugins_.startWorker(&runtime_, &failed)) {
            *why = "plugin " + failed + " could not start in this worker";
            return false;
        }
        if (setup_.index == 0) tls_.warn([this](const std::string& text) { runtime_.log(TP_LOG_WARN, text); });
        if (tls_.isOn()) connections_.speakTls(tls_.server());
        for (const Listener& listener : setup_.listeners) {
            int listening = connections_.listen(listener);
            if (listening == 0) continue;
            *why = "cannot watch " + listener.address.text() + ": " + std::strerror(-listening);
            return false;
        }
        return true;
    }

    void obey(Order order) {
        switch (order) {
            case Order::ReopenLogs:
                runtime_.reopenLogs();
                return channel_.report(Report::LogsOpen);
            case Order::Drain:
                if (!std::exchange(draining_, true)) {
                    connections_.drain(drained, this);
                    runtime_.errands().drain(drained, this);
                    channel_.report(Report::Closed);
                }
                return;
            case Order::Stop:
                return loop_.stop();
        }
    }

    /// The last connection has gone, or the last request that none waited for.
    static void drained(void* worker) {
        auto& self = *static_cast<Worker*>(worker);
        if (self.connections_.count() == 0 && self.runtime_.errands().count() == 0) self.loop_.stop();
    }

    const WorkerSetup& setup_;
    net::EventLoop& loop_;
    Channel channel_;
    std::vector<config::Problem> problems_;
    SiteTable sites_;
    Runtime runtime_;
    PluginSet plugins_;
    TlsSites tls_;
    Connections connections_;
    bool draining_ = false;
};

}  // namespace

int runWorker(const WorkerSetup& setup) {
    if (!setup.snapshot->server.ledger) ledger::turnOff();
    os::ignoreSignals({SIGPIPE});  // a write to a closed pipe is an error, not a signal
    ledger::Scope charge(setup.slot->account);
    auto loop = net::EventLoop::create();
    if (!loop) return 1;
    Worker worker(setup, **loop);
    return worker.run();
}

std::vector<config::Problem> probePlugins(const config::Snapshot& snapshot, Declared* declared,
                                          const Trying& trying, std::vector<config::Problem>* findings) {
    std::vector<config::Problem> problems;
    SiteTable sites(snapshot, problems);
    TlsSites tls(sites, {nullptr, snapshot.server.http2}, problems);
    PluginSet plugins(snapshot, sites, problems, {}, trying, findings);
    if (declared != nullptr) *declared = {plugins.backends(), plugins.shared()};
    return problems;
}

}  // namespace turnpike::server
