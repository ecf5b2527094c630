#include "server/runtime.h"

#include <cstring>

#include "base/clock.h"
#include "os/machine.h"
#include "sdk/support/http_date.h"
#include "server/tls_sites.h"

namespace turnpike::server {
namespace {

constexpr size_t kBlock = 8192;
constexpr size_t kKeepBlocks = 256;
constexpr uint64_t kClockEveryNs = 1'000'000'000;

Runtime* the_runtime = nullptr;  // a worker process has one

/// Ids of different workers and restarts must not meet; they need not be secret.
uint64_t randomStart() { return os::randomNumber() ^ monotonicNs(); }

}  // namespace

Runtime::Runtime(const WorkerSetup& setup, net::EventLoop& loop, SiteTable& sites)
    : setup_(setup),
      site_slots_(setup.sites),
      plugin_slots_(setup.plugins),
      loop_(loop),
      sites_(sites),
      https_port_(server::httpsPort(setup.snapshot->server)),
      blocks_(kBlock, kKeepBlocks),
      large_blocks_(kLargeBlock, kKeepBlocks / 16),
      quota_{snapshot().server.spool_folder, limits().body_memory, limits().spool_total,
             limits().spool_per_address, limits().spool_free_per_mille},
      pipes_(snapshot().server.splice ? snapshot().server.workers : 0),
      links_(loop),
      folders_(loop),
      access_logs_(snapshot(), setup.slot->counters.log_lines_lost),
      log_timer_([](void* self) { static_cast<Runtime*>(self)->flushLogs(); }, this),
      pool_(std::make_unique<BlockingPool>(loop, limits().pool_threads, limits().pool_queue, setup.slot->account)),
      errands_(*this, sites.all().size()),
      id_(randomStart()) {
    the_runtime = this;
}

Runtime::~Runtime() { the_runtime = nullptr; }

Runtime* Runtime::current() { return the_runtime; }

uint64_t Runtime::nextId() {
    // splitmix64: neighbouring requests get ids that are easy to tell apart by eye.
    uint64_t z = (id_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int64_t Runtime::unixMs() {
    uint64_t now = loop_.nowNs();
    if (clock_read_ns_ == 0 || now - clock_read_ns_ > kClockEveryNs) {
        clock_read_ns_ = now;
        unix_offset_ms_ = turnpike::unixMs() - static_cast<int64_t>(monotonicNs() / 1'000'000);
    }
    return unix_offset_ms_ + static_cast<int64_t>(now / 1'000'000);
}

std::string_view Runtime::date() {
    int64_t second = unixMs() / 1000;
    if (second != date_second_) {
        date_second_ = second;
        support::formatHttpDate(second, date_);
    }
    return {date_, support::kHttpDateSize};
}

Exchange& Runtime::take() {
    if (free_.empty()) {
        exchanges_.push_back(std::make_unique<Exchange>(*this));
        return *exchanges_.back();
    }
    Exchange& exchange = *free_.back();
    free_.pop_back();
    return exchange;
}

void Runtime::give(Exchange& exchange) { free_.push_back(&exchange); }

void Runtime::close(Exchange& exchange) {
    if (ledger::isOn()) account().add(exchange.account());
}

int Runtime::openLogs(std::string* why) {
    auto opened = error_log_.open(snapshot().server.error_log, snapshot().server.log_level);
    if (!opened) {
        *why = opened.error().text;
        return -opened.error().code;
    }
    return access_logs_.open(why);
}

void Runtime::reopenLogs() {
    auto opened = error_log_.open(snapshot().server.error_log, snapshot().server.log_level);
    if (!opened) error_log_.write(TP_LOG_ERROR, opened.error().text);
    access_logs_.reopen();
}

void Runtime::flushLogsSoon() {
    if (!log_timer_.isArmed()) loop_.arm(log_timer_, 1000);
}

void Runtime::flushLogs() {
    ledger::Scope charge(account());
    access_logs_.flush();
    if (access_logs_.hasLines()) flushLogsSoon();
}

void Runtime::log(int32_t level, std::string_view message, const tp_request_view* request) {
    if (level > snapshot().server.log_level) return;
    if (!BlockingPool::isPoolThread()) {
        std::string line = request != nullptr ? aboutRequest(*request, message) : std::string(message);
        if (!error_log_.write(level, line)) ++counters().log_lines_lost;
        return;
    }
    struct Line {
        Runtime* runtime;
        int32_t level;
        std::string message;
    };
    auto write = [](void* pointer) {
        std::unique_ptr<Line> line(static_cast<Line*>(pointer));
        line->runtime->log(line->level, line->message);
    };
    std::string text(request != nullptr ? aboutRequest(*request, message) : message);
    loop_.post(write, new Line{this, level, std::move(text)});
}

}  // namespace turnpike::server
