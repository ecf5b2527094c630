#include "server/pipes.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "os/file.h"

namespace turnpike::server {
namespace {
/// What the kernel gives to all that ask; a pipe of a user that has too many is smaller.
constexpr int64_t kLeastSize = int64_t{64} * 1024;
/// Fewer calls than with that, and less CPU for each byte (`./run bench splice`).
constexpr int kWantedSize = 256 * 1024;
constexpr size_t kMostOfAll = 64, kLeastOfEach = 4, kMostSpare = 8;
}  // namespace

Pipe::Pipe(Pipes& home, int read, int write, size_t size)
    : home_(home), read_(read, os::Class::Backend), write_(write, os::Class::Backend), size_(size) {}

int64_t Pipe::fill(int from, uint64_t most) {
    TP_ASSERT(held_ == 0);
    const auto size = static_cast<size_t>(std::min<uint64_t>(most, size_));
    const int64_t got = os::splice(from, write_.get(), size, false, os::Class::Backend);
    if (got > 0) held_ = static_cast<size_t>(got);
    return got;
}

int64_t Pipe::drain(net::Transport& to, bool more) {
    const int64_t done = to.splice(read_.get(), held_, more);
    if (done > 0) held_ -= static_cast<size_t>(done);
    return done;
}

Pipes::Pipes(size_t workers) : most_(workers > 0 ? std::max(kMostOfAll / workers, kLeastOfEach) : 0) {}

PipeLoan Pipes::take() {
    if (lent_ == most_) return nullptr;
    Pipe* pipe = nullptr;
    if (spare_.empty()) {
        pipe = make();
    } else {
        pipe = spare_.back().release();
        spare_.pop_back();
    }
    if (pipe != nullptr) ++lent_;
    return PipeLoan(pipe);
}

Pipe* Pipes::make() {
    int fds[2];
    if (os::pipe(fds, 0, os::Class::Backend) < 0) return nullptr;
    int64_t size = os::setPipeSize(fds[0], kWantedSize, os::Class::Backend);
    if (size < 0) size = os::pipeSize(fds[0], os::Class::Backend);
    auto pipe = std::make_unique<Pipe>(*this, fds[0], fds[1], static_cast<size_t>(std::max<int64_t>(size, 0)));
    return size >= kLeastSize ? pipe.release() : nullptr;
}

/// What is still in one is nobody's any more.
void Pipes::back(std::unique_ptr<Pipe> pipe) {
    --lent_;
    if (pipe->held() == 0 && spare_.size() < kMostSpare) spare_.push_back(std::move(pipe));
}

void PipeReturn::operator()(Pipe* pipe) const { pipe->home_.back(std::unique_ptr<Pipe>(pipe)); }

}  // namespace turnpike::server
