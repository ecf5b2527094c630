// Calls that wake another process: there and back, and how that grows with what is carried.
#include <array>
#include <atomic>
#include <memory>

#include "measure/calibrate/peer.h"
#include "measure/calibrate/probes.h"
#include "measure/stats/line.h"
#include "os/event.h"
#include "os/file.h"
#include "os/local.h"
#include "os/memory.h"
#include "os/socket.h"

namespace turnpike::measure {
namespace {

constexpr uint32_t kMostBytes = 256 << 10;
constexpr std::array<uint32_t, 5> kSizes{1, 16 << 10, 64 << 10, 128 << 10, kMostBytes};
using Block = std::array<char, kMostBytes>;
using Pair = std::pair<os::Fd, os::Fd>;

/// What both processes see.
struct Board {
    std::atomic<uint32_t> bytes;    // of a question
    std::atomic<uint64_t> woke_ns;  // when the peer ran again
};

bool readWhole(int fd, Block& to, uint32_t size) {
    for (uint32_t have = 0; have < size;) {
        int64_t got = os::read(fd, to.data(), size - have, os::Class::Backend);
        if (got <= 0) return false;
        have += static_cast<uint32_t>(got);
    }
    return true;
}

bool writeWhole(int fd, const Block& from, uint32_t size) {
    for (uint32_t sent = 0; sent < size;) {
        int64_t done = os::write(fd, from.data(), size - sent, os::Class::Backend);
        if (done <= 0) return false;
        sent += static_cast<uint32_t>(done);
    }
    return true;
}

/// In the peer: its size is told by the time that its first byte is there.
bool readQuestion(int fd, Block& to, const Board& board) {
    const int64_t got = os::read(fd, to.data(), to.size(), os::Class::Backend);
    return got > 0 && readWhole(fd, to, board.bytes - static_cast<uint32_t>(got));
}

/// A question of any size to another process, and its answer of one byte.
class Hop {
 public:
    static Result<std::shared_ptr<Hop>> make(Result<Pair> pair, unsigned processor) {
        if (!pair) return pair.error();
        auto memory = os::SharedMemory::create(sizeof(Board));
        if (!memory) return memory.error();
        auto* board = static_cast<Board*>(memory->data());
        os::setSendBuffer(pair->first.get(), kMostBytes, os::Class::Backend);  // the largest question fits
        auto block = std::make_unique<Block>();
        const int theirs = pair->second.get();
        auto serve = [&] {
            while (readQuestion(theirs, *block, *board) && writeWhole(theirs, *block, 1)) {
            }
        };
        auto peer = Peer::start(processor, serve);
        if (!peer) return peer.error();
        return std::shared_ptr<Hop>(
            new Hop(std::move(*memory), std::move(block), std::move(pair->first), std::move(*peer)));
    }
    bool roundTrip(uint32_t bytes) {
        board().bytes = bytes;
        return writeWhole(ours_.get(), *block_, bytes) && readWhole(ours_.get(), *block_, 1);
    }

 private:
    Hop(os::SharedMemory memory, std::unique_ptr<Block> block, os::Fd ours, Peer peer)
        : memory_(std::move(memory)), block_(std::move(block)), ours_(std::move(ours)), peer_(std::move(peer)) {}
    Board& board() const { return *static_cast<Board*>(memory_.data()); }

    os::SharedMemory memory_;
    std::unique_ptr<Block> block_;
    os::Fd ours_;
    Peer peer_;
};

void addRoundTrip(Probes& to, const std::string& name, const Result<std::shared_ptr<Hop>>& hop) {
    if (!hop) return to.leaveOut(name, hop.error().text);
    to.ready.push_back(
        {name, [hop = *hop](uint64_t repeats) { return medianNs(repeats, [&] { return hop->roundTrip(1); }); }});
}

/// Each batch has a line of its own, so that its slope has a spread.
void addSlope(Probes& to, const std::string& name, const Result<std::shared_ptr<Hop>>& hop) {
    if (!hop) return to.leaveOut(name, hop.error().text);
    to.ready.push_back({name,
                        [hop = *hop](uint64_t repeats) {
                            return nsPerKib([&](uint32_t bytes) {
                                return medianNs(repeats, [&] { return hop->roundTrip(bytes); });
                            });
                        },
                        "ns/KiB"});
}

/// Two sleepers that wake each other; what is measured is the way there.
class Wakes {
 public:
    static Result<std::shared_ptr<Wakes>> make(unsigned processor, uint64_t pause_ns) {
        auto memory = os::SharedMemory::create(sizeof(Board));
        auto call = os::makeWaker(), answer = os::makeWaker();
        if (!memory) return memory.error();
        if (!call || !answer) return Error{EMFILE, "no eventfd"};
        for (int fd : {call->get(), answer->get()}) os::setBlocking(fd, true);
        auto* board = static_cast<Board*>(memory->data());
        auto serve = [&] {
            while (os::drain(call->get()) > 0) {
                board->woke_ns = monotonicNs();
                os::wake(answer->get());
            }
        };
        auto peer = Peer::start(processor, serve);
        if (!peer) return peer.error();
        return std::shared_ptr<Wakes>(
            new Wakes(std::move(*memory), std::move(*call), std::move(*answer), std::move(*peer), pause_ns));
    }
    Result<double> batch(uint64_t repeats) {
        auto* board = static_cast<Board*>(memory_.data());
        std::vector<double> each;
        for (uint64_t i = 0; i < repeats; ++i) {
            for (uint64_t end = monotonicNs() + pause_ns_; monotonicNs() < end;) {
            }
            const uint64_t called = monotonicNs();
            os::wake(call_.get());
            if (os::drain(answer_.get()) == 0) return Error{EIO, "the peer is gone"};
            each.push_back(static_cast<double>(board->woke_ns - called));
        }
        return median(std::move(each));
    }

 private:
    Wakes(os::SharedMemory memory, os::Fd call, os::Fd answer, Peer peer, uint64_t pause_ns)
        : memory_(std::move(memory)),
          call_(std::move(call)),
          answer_(std::move(answer)),
          peer_(std::move(peer)),
          pause_ns_(pause_ns) {}

    os::SharedMemory memory_;
    os::Fd call_, answer_;
    Peer peer_;
    uint64_t pause_ns_;
};

/// On its own processor the peer needs a moment to fall asleep again; on ours it cannot run before we sleep.
void addWakes(Probes& to, const std::string& name, unsigned processor, uint64_t pause_ns) {
    auto wakes = Wakes::make(processor, pause_ns);
    if (!wakes) return to.leaveOut(name, wakes.error().text);
    to.ready.push_back({name, [wakes = *wakes](uint64_t repeats) { return wakes->batch(repeats); }});
}

}  // namespace

Result<double> nsPerKib(const std::function<Result<double>(uint32_t bytes)>& took) {
    std::vector<double> x, y;
    for (uint32_t size : kSizes) {
        Result<double> ns = took(size);
        if (!ns) return ns;
        x.push_back(size / 1024.0);
        y.push_back(*ns);
    }
    return fitLine(x, y).slope;
}

void addHopProbes(Probes& to, const std::vector<unsigned>& processors) {
    constexpr uint64_t kFallAsleepNs = 20'000;
    auto unix_hop = Hop::make(os::unixPair(), processors[0]), tcp_hop = Hop::make(os::tcpPair(), processors[0]);
    addRoundTrip(to, "unix_round_trip_same_cpu", unix_hop);
    addRoundTrip(to, "tcp_round_trip_same_cpu", tcp_hop);
    addSlope(to, "copy_per_kib_unix", unix_hop);
    addSlope(to, "copy_per_kib_tcp", tcp_hop);
    addWakes(to, "wake_same_cpu", processors[0], 0);
    if (processors.size() < 2)
        return to.leaveOut("unix_round_trip_cross_cpu, tcp_round_trip_cross_cpu, wake_cross_cpu",
                           "this process may run on one processor only");
    addRoundTrip(to, "unix_round_trip_cross_cpu", Hop::make(os::unixPair(), processors[1]));
    addRoundTrip(to, "tcp_round_trip_cross_cpu", Hop::make(os::tcpPair(), processors[1]));
    addWakes(to, "wake_cross_cpu", processors[1], kFallAsleepNs);
}

}  // namespace turnpike::measure
