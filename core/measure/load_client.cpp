#include "measure/load_client.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "measure/response_reader.h"
#include "os/event.h"

namespace turnpike::measure {
namespace {

using os::Class;

class LoadRun;

/// One connection: idle (no descriptor), connecting, sending or waiting for the rest of an answer.
class Client {
 public:
    explicit Client(LoadRun& run) : run_(run) {}
    void begin();
    void onEvent(uint32_t what);
    bool isBusy() const { return busy_; }

 private:
    bool connect();
    void send();
    void receive(bool to_the_end);
    bool take(std::string_view data);
    void complete();
    void onClosed();

    LoadRun& run_;
    os::Fd fd_;
    bool connecting_ = false, busy_ = false;
    size_t sent_ = 0;
    uint64_t began_ns_ = 0;
    ResponseReader reader_;
};

class LoadRun {
 public:
    explicit LoadRun(const Load& load);
    LoadOutcome run();

    /// Whether one more request may begin.
    bool mayBegin();
    void fail(std::string why);
    bool failed() const { return !outcome_.failure.empty(); }

    const Load& load_;
    std::string request_;
    std::optional<os::Poller> poller_;
    LoadOutcome outcome_;
    uint64_t begun_ = 0;

 private:
    bool anyBusy() const;
    void wait();

    std::vector<std::unique_ptr<Client>> clients_;
    uint64_t deadline_ns_ = 0, last_progress_ns_ = 0, last_requests_ = 0;
};

bool Client::connect() {
    bool done = false;
    int fd = os::connect(run_.load_.address, Class::Client, &done);
    if (fd < 0) {
        run_.fail("cannot connect to " + run_.load_.address.text() + ": " + std::strerror(-fd));
        return false;
    }
    fd_ = os::Fd(fd, Class::Client);
    connecting_ = !done;
    ++run_.outcome_.connects;
    if (!run_.load_.address.isUnix()) os::setNoDelay(fd, Class::Client);
    run_.poller_->add(fd, os::kReadable | os::kWritable, this);
    return true;
}

void Client::begin() {
    if (!run_.mayBegin()) return;
    if (!fd_ && !connect()) return;
    ++run_.begun_;
    busy_ = true;
    sent_ = 0;
    reader_.reset();
    began_ns_ = monotonicNs();
    if (!connecting_) send();
}

void Client::send() {
    while (sent_ < run_.request_.size()) {
        int64_t sent =
            os::send(fd_.get(), run_.request_.data() + sent_, run_.request_.size() - sent_, false, Class::Client);
        if (sent == -EAGAIN) return;
        if (sent < 0) return run_.fail(std::string("cannot send: ") + std::strerror(static_cast<int>(-sent)));
        sent_ += static_cast<size_t>(sent);
    }
}

void Client::onEvent(uint32_t what) {
    if (connecting_) {
        int error = os::socketError(fd_.get(), Class::Client);
        if (error != 0)
            return run_.fail("cannot connect to " + run_.load_.address.text() + ": " +
                             std::strerror(std::abs(error)));
        connecting_ = false;
    }
    if (busy_ && sent_ < run_.request_.size()) send();
    receive((what & os::kHangup) != 0);
}

void Client::receive(bool to_the_end) {
    char buffer[65536];
    while (fd_ && !run_.failed()) {
        int64_t size = os::recv(fd_.get(), buffer, sizeof buffer, Class::Client);
        if (size == -EAGAIN) return;
        if (size <= 0) return onClosed();
        if (!take({buffer, static_cast<size_t>(size)})) return;
        // Edge-triggered: what comes later is told again, but an end that was told with the data is not.
        if (static_cast<size_t>(size) < sizeof buffer && !to_the_end) return;
    }
}

/// False: the connection or the run is over.
bool Client::take(std::string_view data) {
    if (!busy_) {
        run_.fail("bytes that nobody asked for");
        return false;
    }
    size_t consumed = 0;
    ResponseReader::State state = reader_.feed(data, &consumed);
    if (state == ResponseReader::State::Bad) run_.fail(reader_.reason());
    if (state == ResponseReader::State::Complete && consumed < data.size()) run_.fail("bytes after the answer");
    if (run_.failed()) return false;
    if (state == ResponseReader::State::Complete) complete();
    return !run_.failed();
}

void Client::onClosed() {
    if (busy_) {
        if (reader_.close() == ResponseReader::State::Bad) return run_.fail(reader_.reason());
        return complete();
    }
    fd_.reset();
}

void Client::complete() {
    LoadOutcome& outcome = run_.outcome_;
    busy_ = false;
    if (reader_.status() != 200) return run_.fail("status " + std::to_string(reader_.status()));
    outcome.latency_ns.add(monotonicNs() - began_ns_);
    ++outcome.requests;
    outcome.shortest_body = std::min(outcome.shortest_body, reader_.bodyBytes());
    outcome.longest_body = std::max(outcome.longest_body, reader_.bodyBytes());
    if (!reader_.keepsAlive()) fd_.reset();
    begin();
}

LoadRun::LoadRun(const Load& load) : load_(load) {
    request_ = "GET " + load.path + " HTTP/1.1\r\nHost: " + load.host + "\r\nUser-Agent: turnpike-toll\r\n\r\n";
    for (unsigned i = 0; i < load.connections; ++i) clients_.push_back(std::make_unique<Client>(*this));
}

void LoadRun::fail(std::string why) {
    if (outcome_.failure.empty()) outcome_.failure = std::move(why);
}

bool LoadRun::mayBegin() { return !failed() && begun_ < load_.most_requests && monotonicNs() < deadline_ns_; }

bool LoadRun::anyBusy() const {
    return std::any_of(clients_.begin(), clients_.end(), [](const auto& client) { return client->isBusy(); });
}

void LoadRun::wait() {
    os::Event events[64];
    int count = poller_->wait(events, 64, 100);
    if (count < 0) return fail(std::string("epoll_wait: ") + std::strerror(-count));
    for (int i = 0; i < count && !failed(); ++i) static_cast<Client*>(events[i].who)->onEvent(events[i].what);
    uint64_t now = monotonicNs();
    if (outcome_.requests != last_requests_) {
        last_requests_ = outcome_.requests;
        last_progress_ns_ = now;
    } else if (now - last_progress_ns_ > load_.silence_ms * 1'000'000) {
        fail("no answer within " + std::to_string(load_.silence_ms) + " ms");
    }
}

LoadOutcome LoadRun::run() {
    auto poller = os::Poller::create();
    if (!poller) {
        fail(poller.error().text);
        return std::move(outcome_);
    }
    poller_.emplace(std::move(*poller));
    uint64_t began = last_progress_ns_ = monotonicNs();
    deadline_ns_ = began + load_.duration_ms * 1'000'000;
    for (auto& client : clients_) client->begin();
    while (anyBusy() && !failed()) wait();
    outcome_.elapsed_ns = monotonicNs() - began;
    return std::move(outcome_);
}

}  // namespace

LoadOutcome runLoad(const Load& load) { return LoadRun(load).run(); }

}  // namespace turnpike::measure
