#include "measure/load/generator.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "measure/load/warm_up.h"
#include "os/thread.h"

namespace turnpike::measure {
namespace {

constexpr uint64_t kNsPerMs = 1'000'000;
constexpr uint64_t kMostSleepNs = 100 * kNsPerMs;
constexpr uint64_t kNever = UINT64_MAX;

std::string render(const Load& load, const std::string& path) {
    std::string text = "GET " + path + " HTTP/1.1\r\nHost: " + load.host + "\r\n";
    if (!load.keep_alive) text += "Connection: close\r\n";
    for (const std::string& field : load.fields) text += field + "\r\n";
    return text + "\r\n";
}

}  // namespace

void Generator::fail(std::string why) {
    if (!failed()) outcome_.failure = std::move(why);
}

bool Generator::prepare() {
    if (load_.paths.empty()) fail("there is no path to ask for");
    if (is_open_ && !(load_.rate > 0)) fail("an open loop needs a rate above 0");
    auto dialer = load_.tls_name.empty() ? Dialer(load_.address) : Dialer::secure(load_.address, load_.tls_name);
    if (!dialer) fail(dialer.error().text);
    auto poller = os::Poller::create();
    if (!poller) fail(poller.error().text);
    if (failed()) return false;
    dialer_.emplace(std::move(*dialer));
    poller_.emplace(std::move(*poller));
    for (const std::string& path : load_.paths) requests_.push_back(render(load_, path));
    for (unsigned i = 0; i < load_.connections; ++i) idle_.push_back(&clients_.emplace_back(*dialer_, *poller_));
    if (is_open_) os::sharpenTimers();
    return true;
}

LoadOutcome Generator::run() {
    if (!prepare()) return std::move(outcome_);
    if (load_.warm_up_ms > 0) warmUp();
    if (!failed()) measure();
    return std::move(outcome_);
}

void Generator::warmUp() {
    uint64_t began = monotonicNs(), now = began;
    uint64_t cap = began + load_.warm_up_ms * kNsPerMs, window_end = began + kWarmUpWindowNs;
    std::vector<uint64_t> medians;
    beginPhase(now, kNever - now);
    while (!failed() && now < cap && !isSteady(medians)) {
        now = wait(std::min(window_end, cap));
        if (now < window_end) continue;
        medians.push_back(window_.percentile(50));
        window_.clear();
        window_end = now + kWarmUpWindowNs;
    }
    outcome_.warm_up_ns = now - began;
    outcome_.warm_up_capped = !isSteady(medians);
}

void Generator::measure() {
    is_counting_ = true;
    uint64_t cpu = os::threadCpuNs();
    uint64_t now = monotonicNs(), began = now;
    beginPhase(now, load_.duration_ms * kNsPerMs);
    bool is_last_look = false;
    while (!failed() && !isOver(now)) {
        now = wait(now < stop_ns_ ? stop_ns_ : kNever);
        if (is_open_ && now >= stop_ns_ && !std::exchange(is_last_look, true)) giveUpOnQueue();
    }
    outcome_.cpu_ns = os::threadCpuNs() - cpu;
    outcome_.elapsed_ns = now - began;
    uint64_t due_until = std::min(now, stop_ns_) - began;
    if (is_open_ && due_until > 0)
        outcome_.offered = static_cast<double>(begun_ + outcome_.unsent) * 1e9 / static_cast<double>(due_until);
}

/// The schedule begins anew, so that the same seed asks at the same moments however long the warm-up was.
void Generator::beginPhase(uint64_t now, uint64_t length_ns) {
    begun_ = 0;
    next_path_ = 0;
    phase_began_ns_ = last_progress_ns_ = now;
    stop_ns_ = now + length_ns;
    if (is_open_) {
        schedule_.emplace(load_.arrivals, load_.rate, load_.seed);
        next_due_ns_ = now + schedule_->next();
    }
    startDue(now);
}

bool Generator::isOver(uint64_t now) const {
    if (busy_ > 0) return false;
    if (!is_open_ || !mayBegin()) return true;
    return now >= stop_ns_ && next_due_ns_ >= stop_ns_;
}

/// When the time is over: more than a few requests that still wait are a queue that grew all the time.
void Generator::giveUpOnQueue() {
    Schedule rest = *schedule_;
    uint64_t waiting = 0;
    for (uint64_t due = next_due_ns_; due < stop_ns_; due = phase_began_ns_ + rest.next()) ++waiting;
    waiting = std::min(waiting, load_.most_requests - begun_);
    if (!isBacklog(waiting, begun_ + waiting)) return;
    outcome_.unsent = waiting;
    next_due_ns_ = kNever;
}

uint64_t Generator::sleepNs(uint64_t until_ns) const {
    bool will_begin = is_open_ && !idle_.empty() && mayBegin() && next_due_ns_ < stop_ns_;
    if (will_begin) until_ns = std::min(until_ns, next_due_ns_);
    uint64_t now = monotonicNs();
    return until_ns <= now ? 0 : std::min(until_ns - now, kMostSleepNs);
}

uint64_t Generator::wait(uint64_t until_ns) {
    os::Event events[128];
    uint64_t most = sleepNs(until_ns);
    // Only an open loop needs a clock that is finer than a millisecond, and with it a recent kernel.
    int count = is_open_ ? poller_->waitNs(events, 128, most)
                         : poller_->wait(events, 128, static_cast<int>((most + kNsPerMs - 1) / kNsPerMs));
    if (count < 0 && count != -EINTR) fail(std::string("cannot wait for events: ") + std::strerror(-count));
    for (int i = 0; i < count && !failed(); ++i) onEvent(*static_cast<Client*>(events[i].who), events[i].what);
    uint64_t now = monotonicNs();
    startDue(now);
    if (busy_ > 0 && now > last_progress_ns_ + load_.silence_ms * kNsPerMs)
        fail("no answer within " + std::to_string(load_.silence_ms) + " ms");
    return now;
}

void Generator::onEvent(Client& client, uint32_t what) {
    Connection::State state = client.connection.onEvent(what, buffer_);
    if (state == Connection::State::Failed) fail(client.connection.failure());
    if (state == Connection::State::Complete) complete(client);
}

void Generator::startDue(uint64_t now) {
    while (!idle_.empty() && !failed() && mayBegin()) {
        uint64_t due = is_open_ ? next_due_ns_ : now;
        if (due > now || due >= stop_ns_) return;
        if (is_open_) next_due_ns_ = phase_began_ns_ + schedule_->next();
        Client& client = *idle_.front();
        idle_.pop_front();
        begin(client, due, now);
        if (!idle_.empty()) now = monotonicNs();
    }
}

void Generator::begin(Client& client, uint64_t due_ns, uint64_t now) {
    if (busy_++ == 0) last_progress_ns_ = now;
    ++begun_;
    if (!client.connection.isOpen()) ++outcome_.connects;
    client.due_ns = due_ns;
    client.began_ns = now;
    client.is_counted = is_counting_;
    client.path = next_path_;
    if (++next_path_ == requests_.size()) next_path_ = 0;
    if (client.connection.ask(requests_[client.path]) == Connection::State::Failed)
        fail(client.connection.failure());
}

void Generator::complete(Client& client) {
    uint64_t now = last_progress_ns_ = monotonicNs();
    const ResponseReader& answer = client.connection.answer();
    if (answer.status() != 200)
        return fail("status " + std::to_string(answer.status()) + " for " + load_.paths[client.path]);
    count(client, now);
    if (!load_.keep_alive || !answer.keepsAlive()) client.connection.close();
    --busy_;
    idle_.push_back(&client);
    startDue(now);
}

void Generator::count(const Client& client, uint64_t now) {
    if (!client.is_counted) {
        ++outcome_.warm_up_requests;
        window_.add(now - client.due_ns);
        return;
    }
    ++outcome_.requests;
    outcome_.latency_ns.add(now - client.due_ns);
    outcome_.service_ns.add(now - client.began_ns);
    outcome_.received += client.connection.received();
    uint64_t body = client.connection.answer().bodyBytes();
    outcome_.shortest_body = std::min(outcome_.shortest_body, body);
    outcome_.longest_body = std::max(outcome_.longest_body, body);
}

}  // namespace turnpike::measure
