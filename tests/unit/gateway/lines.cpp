#include "lines.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace turnpike::gateway::test {
namespace {

uint64_t time_ns = 0;

}  // namespace

// --- the connection

void Line::run(LineExchange& exchange) {
    attach(exchange);
    exchange.answer.clear();
    if (state_ == State::Connecting) return;
    state_ = State::Busy;
    paused_ = pool_.is_paused;
    hangup_ = waits_to_write_ = false;
    flush();
}

void Line::abandon() {
    detach();
    pool_.drop(*this);
}

void Line::check(uint64_t now) {
    if (state_ == State::Connecting && now >= deadline_) lost("was not made");
}

void Line::resume() {
    paused_ = false;
    readAll(hangup_);
}

void Line::onEvent(uint32_t what) {
    if (state_ == State::Connecting || state_ == State::Closed) return;
    if (state_ == State::Idle) {
        if ((what & (TP_READABLE | TP_HANGUP)) != 0) pool_.drop(*this);
        return;
    }
    if ((what & TP_WRITABLE) != 0) ++pool_.writable;
    if ((what & TP_WRITABLE) != 0 && waits_to_write_) flush();
    const unsigned before = pool_.reads;
    if ((what & (TP_READABLE | TP_HANGUP)) != 0) readAll((what & TP_HANGUP) != 0);
    pool_.most_reads = std::max(pool_.most_reads, pool_.reads - before);
}

void Line::flush() {
    std::string& line = exchange_->line;
    while (!line.empty()) {
        tp_str part = str(line);
        const int64_t put = pool_.services().io->write(payer(), fd(), &part, 1);
        if (put == -EAGAIN) {
            waits_to_write_ = watch(TP_READABLE | TP_WRITABLE) == 0;
            return;
        }
        if (put < 0) return lost("cannot be written to");
        line.erase(0, static_cast<size_t>(put));
    }
    stopWritingEvents();
}

Line::Read Line::readOnce() {
    ++pool_.reads;
    std::string bytes(pool_.read_size, '\0');
    const int64_t got = pool_.services().io->read(payer(), fd(), bytes.data(), bytes.size());
    if (got == -EAGAIN) return Read::Over;
    if (got <= 0) {
        lost("closed");
        return Read::Over;
    }
    exchange_->answer.append(bytes, 0, static_cast<size_t>(got));
    if (exchange_->answer.ends_with('\n')) {
        answered();
        return Read::Over;
    }
    return static_cast<size_t>(got) < bytes.size() ? Read::Drained : Read::More;
}

void Line::answered() {
    LineExchange& exchange = detach();
    state_ = State::Idle;
    ++served_;
    exchange.stage = Exchange::Stage::Over;
    exchange.answer.pop_back();
    pool_.rest(*this);
    answer(*pool_.services().host, exchange.request, 200, "text/plain", exchange.answer);
    pool_.dispatch();
}

void Line::lost(const std::string& how) {
    LineExchange* exchange = exchange_ != nullptr ? &detach() : nullptr;
    pool_.drop(*this);
    if (exchange != nullptr) pool_.fail(*exchange, 502, how);
}

// --- the pool

Lines::Lines(const Services& services, const PoolRules& rules, tp_worker* worker, tp_backend* handle,
             std::string address)
    : Pool(services, rules, worker), places_(this->services(), worker, handle), address_(std::move(address)) {
    places_.onChange(placeChanged, this);
}

Lines::~Lines() {
    while (!places_.all().empty()) drop(*places_.all().back());
}

void Lines::placeChanged(void* self) {
    auto* pool = static_cast<Lines*>(self);
    Entry entry(*pool);
    while (pool->places_.hasIdle() && pool->places_.isWanted()) pool->drop(pool->places_.idleLongest());
    pool->dispatch();
}

void Lines::enqueue(LineExchange& exchange) {
    readClock();
    arm(kTickMs);
    enter(exchange);
    dispatch();
    if (exchange.stage == Exchange::Stage::Queued) refuseExcess(exchange, address_);
}

void Lines::dispatch() {
    while (!queue_.empty()) {
        LineExchange& exchange = *queue_.front();
        Line* line = places_.hasIdle() ? &places_.usedLast() : nullptr;
        if (line != nullptr) {
            places_.wake(*line);
        } else {
            int32_t done = 0;
            if (!places_.acquire()) return;
            const int32_t fd = places_.connect(exchange.request, address_, &done);
            if (fd < 0) return;
            line = &places_.add(std::make_unique<Line>(*this, fd));
            line->open(says_connected);
        }
        queue_.pop_front();
        line->run(exchange);
    }
}

void Lines::rest(Line& connection) { places_.rest(connection); }

void Lines::drop(Line& connection) {
    connection.close(nullptr);
    bury(places_.remove(connection));
}

void Lines::tick() {
    ++ticks;
    readClock();
    std::vector<Line*> all;
    for (const auto& line : places_.all()) all.push_back(line.get());
    for (Line* line : all) line->check(now());
    takeUpLater();
    expire(address_);
    dispatch();
    if (waiting() + places_.busy() > 0) arm(kTickMs);
}

// --- the server

LineServer::LineServer() : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    (folder_.path() + "/socket").copy(at.sun_path, sizeof at.sun_path - 1);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
}

LineServer::~LineServer() {
    for (size_t i = 0; i < connections(); ++i) close(i);
    ::close(listener_);
}

size_t LineServer::connections() {
    for (int fd = 0; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        fds_.push_back(fd);
        parts_.emplace_back();
    }
    return fds_.size();
}

std::vector<std::string> LineServer::lines() {
    std::vector<std::string> all;
    for (size_t i = 0; i < connections(); ++i) {
        char bytes[4096];
        for (ssize_t got = 0; fds_[i] >= 0 && (got = ::read(fds_[i], bytes, sizeof bytes)) > 0;)
            parts_[i].append(bytes, static_cast<size_t>(got));
        for (size_t end; (end = parts_[i].find('\n')) != std::string::npos; parts_[i].erase(0, end + 1))
            all.push_back(parts_[i].substr(0, end));
    }
    return all;
}

void LineServer::say(size_t connection, std::string_view bytes) {
    connections();
    EXPECT_EQ(::send(fds_.at(connection), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
}

void LineServer::close(size_t connection) {
    connections();
    if (const int fd = std::exchange(fds_.at(connection), -1); fd >= 0) ::close(fd);
}

// --- the fixture

LinesTest::LinesTest() {
    time_ns = 1'000'000'000;
    rules.queue_ms = 10'000;
    plugin.configure = [this](const tp_host* table, tp_setup* setup) -> void* {
        services = std::make_unique<Services>(*table);
        services->clock = [] { return time_ns; };
        tp_backend_spec spec{};
        spec.struct_size = sizeof spec;
        spec.count = static_cast<uint32_t>(table->config_integer(setup, "places"));
        spec.name = str("lines");
        handle = services->backends->declare(setup, &spec);
        return &plugin;
    };
    plugin.keys = {{"places", TP_KEY_INTEGER, 1, nullptr, "How many."}};
    plugin.request = [this](tp_request* r) {
        Lines::Entry entry(*pool);
        const tp_request_view* view = services->host->view(r);
        LineExchange& exchange = exchanges_[std::string(text(view->path))];
        exchange.begin(r, view);
        exchange.line = std::string(text(view->path).substr(1)) + "\n";
        pool->enqueue(exchange);
        return TP_PENDING;
    };
    plugin.done = [this](tp_request* r, bool) {
        Lines::Entry entry(*pool);
        pool->forget(exchanges_.at(std::string(text(services->host->view(r)->path))));
    };
    plugin.stop = [this] { pool.reset(); };
}

void LinesTest::load(uint32_t places) {
    host.set("places", std::to_string(places));
    ASSERT_TRUE(host.load(plugin.table()));
    pool = std::make_unique<Lines>(*services, rules, host.worker(), handle, server.address());
}

fake::Request& LinesTest::begin(const std::string& name) {
    fake::Request& request = host.get("/" + name);
    requests_[name] = &request;
    host.begin(request);
    host.settle();
    return request;
}

void LinesTest::pass(uint64_t ms) {
    time_ns += ms * 1'000'000;
    host.advance(ms);
}

std::string LinesTest::resultOf(const std::string& name) {
    host.settle();
    const fake::Request& request = *requests_.at(name);
    if (!request.done()) return "(waits)";
    return request.status() == 200 ? request.text() : std::to_string(request.status()) + " " + request.cause();
}

}  // namespace turnpike::gateway::test
