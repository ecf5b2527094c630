// generator.h - one run of a load: hands requests to connections when they are due, and keeps the book. Used once,
// by one thread.
#pragma once
#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "measure/load/arrivals.h"
#include "measure/load/connection.h"
#include "measure/load/load.h"
#include "os/event.h"

namespace turnpike::measure {

class Generator {
 public:
    /// `load` must outlive it.
    explicit Generator(const Load& load) : load_(load), is_open_(load.arrivals != Arrivals::Closed) {}
    LoadOutcome run();

 private:
    struct Client {
        Client(Dialer& dialer, os::Poller& poller) : connection(dialer, poller, this) {}
        Connection connection;
        size_t path = 0;
        uint64_t due_ns = 0, began_ns = 0;
        bool is_counted = false;
    };

    bool prepare();
    void warmUp();
    void measure();
    void beginPhase(uint64_t now, uint64_t length_ns);
    bool mayBegin() const { return !is_counting_ || begun_ < load_.most_requests; }
    bool isOver(uint64_t now) const;
    void giveUpOnQueue();

    /// Handles what comes until `until_ns` at the latest, or a tenth of a second; the time after that.
    uint64_t wait(uint64_t until_ns);
    uint64_t sleepNs(uint64_t until_ns) const;
    void onEvent(Client& client, uint32_t what);
    /// Begins all requests that are due and have a connection.
    void startDue(uint64_t now);
    void begin(Client& client, uint64_t due_ns, uint64_t now);
    void complete(Client& client);
    void count(const Client& client, uint64_t now);
    void fail(std::string why);
    bool failed() const { return !outcome_.failure.empty(); }

    const Load& load_;
    const bool is_open_;
    LoadOutcome outcome_;
    std::vector<std::string> requests_;  // one for each path
    std::optional<Dialer> dialer_;
    std::optional<os::Poller> poller_;
    std::deque<Client> clients_;
    std::deque<Client*> idle_;
    size_t busy_ = 0;
    std::array<char, 65536> buffer_;

    bool is_counting_ = false;  // the warm-up is over
    uint64_t begun_ = 0;        // in this phase
    size_t next_path_ = 0;
    uint64_t stop_ns_ = 0;           // nothing that falls due from then on is begun
    uint64_t last_progress_ns_ = 0;  // an answer, or the first request after none was under way
    std::optional<Schedule> schedule_;
    uint64_t phase_began_ns_ = 0, next_due_ns_ = 0;
    Histogram window_;  // of the warm-up
};

}  // namespace turnpike::measure
