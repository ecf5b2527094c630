// Keeps connections and asks on them in a closed loop. Each is opened, and each host asked, before it says
// "ready", so that what is counted after that is the asking alone. A line on its standard input begins a run, at
// whose end it says "REQUESTS MICROSECONDS"; the connections stay until that input ends. Any failure ends it.
// usage: bench_ask PORT CONNECTIONS SECONDS PATH [HOSTS [UPLOAD_BYTES]]; the hosts are s0.bench, s1.bench, ...; a
// "#" in PATH becomes the host's number
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "measure/load/connection.h"

namespace {

using turnpike::monotonicNs;
using turnpike::measure::Connection;
using turnpike::measure::Dialer;
namespace os = turnpike::os;

constexpr uint64_t kSilenceNs = 60'000'000'000;

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "bench_ask: %s\n", why.c_str());
    std::exit(1);
}

/// The head and then zeros that are nobody's memory: only the head's page is ever written.
std::string_view withBody(const std::string& head, size_t body) {
    void* at = ::mmap(nullptr, head.size() + body, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) fail("no room for a body");
    std::memcpy(at, head.data(), head.size());
    return {static_cast<const char*>(at), head.size() + body};
}

std::string_view request(std::string path, size_t host, size_t body) {
    if (const size_t at = path.find('#'); at != std::string::npos) path.replace(at, 1, std::to_string(host));
    std::string head =
        (body > 0 ? "POST " : "GET ") + path + " HTTP/1.1\r\nHost: s" + std::to_string(host) + ".bench\r\n";
    if (body > 0)
        head += "Content-Type: application/octet-stream\r\nContent-Length: " + std::to_string(body) + "\r\n";
    head += "\r\n";
    static std::deque<std::string> heads;  // these stay where they are
    return body > 0 ? withBody(head, body) : heads.emplace_back(head);
}

class Asker {
 public:
    Asker(os::Address address, os::Poller poller, unsigned connections, std::vector<std::string_view> requests)
        : dialer_(address), poller_(std::move(poller)), requests_(std::move(requests)) {
        for (unsigned i = 0; i < connections; ++i) clients_.emplace_back(dialer_, poller_);
    }
    /// One after the other, so that no listener's backlog overflows.
    void prime() {
        for (size_t i = 0; i < std::max(clients_.size(), requests_.size()); ++i) {
            ask(clients_[i % clients_.size()]);
            while (busy_ > 0) wait();
        }
    }
    /// How many were answered. What has begun when the time is over is waited for, and counts.
    uint64_t run(uint64_t ns) {
        answered_ = 0;
        stop_ns_ = monotonicNs() + ns;
        for (Client& client : clients_) ask(client);
        while (busy_ > 0) wait();
        return answered_;
    }

 private:
    struct Client {
        Client(Dialer& dialer, os::Poller& poller) : connection(dialer, poller, this) {}
        Connection connection;
    };

    void ask(Client& client) {
        ++busy_;
        if (client.connection.ask(requests_[next_++ % requests_.size()]) == Connection::State::Failed)
            fail(client.connection.failure());
    }
    void wait() {
        int count = poller_.wait(events_.data(), static_cast<int>(events_.size()), 1000);
        const uint64_t now = monotonicNs();
        if (count > 0) last_ns_ = now;
        if (count <= 0 && last_ns_ != 0 && now > last_ns_ + kSilenceNs) fail("no answer");
        for (int i = 0; i < count; ++i) handle(*static_cast<Client*>(events_[static_cast<size_t>(i)].who), i, now);
    }
    void handle(Client& client, int event, uint64_t now) {
        Connection& connection = client.connection;
        Connection::State state = connection.onEvent(events_[static_cast<size_t>(event)].what, buffer_);
        if (state == Connection::State::Failed) fail(connection.failure());
        if (state != Connection::State::Complete) return;
        if (connection.answer().status() != 200) fail("status " + std::to_string(connection.answer().status()));
        if (!connection.answer().keepsAlive()) connection.close();
        ++answered_;
        --busy_;
        if (now < stop_ns_) ask(client);
    }

    Dialer dialer_;
    os::Poller poller_;
    std::vector<std::string_view> requests_;
    std::deque<Client> clients_;
    std::array<os::Event, 256> events_;
    std::array<char, 262144> buffer_;
    size_t next_ = 0, busy_ = 0;
    uint64_t answered_ = 0, stop_ns_ = 0, last_ns_ = 0;
};

unsigned long number(const char* text) { return std::strtoul(text, nullptr, 10); }

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5 || argc > 7) return 2;
    const auto connections = static_cast<unsigned>(number(argv[2]));
    const size_t hosts = argc > 5 ? number(argv[5]) : 1, upload = argc > 6 ? number(argv[6]) : 0;
    rlimit files{connections + 64, connections + 64};
    if (::setrlimit(RLIMIT_NOFILE, &files) != 0) fail("may not open so many connections (ulimit -n)");
    std::vector<std::string_view> requests;
    for (size_t i = 0; i < hosts; ++i) requests.push_back(request(argv[4], i, upload));
    auto address = os::Address::parse(std::string("127.0.0.1:") + argv[1]);
    auto poller = os::Poller::create();
    if (!address || !poller) fail("bad port, or no epoll");
    auto asker = std::make_unique<Asker>(*address, std::move(*poller), connections, std::move(requests));
    asker->prime();
    std::puts("ready");
    std::fflush(stdout);
    for (char byte; ::read(0, &byte, 1) > 0;) {
        if (byte != '\n') continue;
        const uint64_t began = monotonicNs(), answered = asker->run(number(argv[3]) * 1'000'000'000);
        std::printf("%lu %lu\n", answered, (monotonicNs() - began) / 1000);
        std::fflush(stdout);
    }
    return 0;
}
