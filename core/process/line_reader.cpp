#include "process/line_reader.h"

#include "base/clock.h"
#include "os/file.h"

namespace turnpike::process {
namespace {
constexpr size_t kBudget = size_t{64} * 1024, kMostLine = 4096;
}

LineReader::LineReader(Reactor& reactor, os::Fd pipe, Line line)
    : reactor_(reactor), pipe_(std::move(pipe)), line_(std::move(line)) {
    reactor_.watch(pipe_.get(), os::kReadable, [this](uint32_t) { onEvent(); });
}

LineReader::~LineReader() {
    if (!pipe_) return;
    onEvent();  // the last words before a death
    if (!rest_.empty()) flush();
    reactor_.unwatch(pipe_.get());
}

void LineReader::onEvent() {
    char buffer[16384];
    int64_t size = os::read(pipe_.get(), buffer, sizeof buffer, os::Class::Log);
    if (size > 0) return take({buffer, static_cast<size_t>(size)});
    if (size == -EAGAIN) return;
    reactor_.unwatch(pipe_.get());
    pipe_.reset();
}

bool LineReader::withinBudget(size_t size) {
    uint64_t second = monotonicNs() / 1'000'000'000;
    if (second != window_) {
        if (dropped_ > 0) line_("(" + std::to_string(dropped_) + " bytes of output dropped)");
        window_ = second;
        spent_ = dropped_ = 0;
    }
    spent_ += size;
    if (spent_ > kBudget) dropped_ += size;
    return spent_ <= kBudget;
}

void LineReader::take(std::string_view bytes) {
    if (!withinBudget(bytes.size())) return;
    for (char c : bytes) {
        if (c != '\n') rest_ += c;
        if (c == '\n' || rest_.size() >= kMostLine) flush();
    }
}

void LineReader::flush() {
    if (!rest_.empty()) line_(rest_);
    rest_.clear();
}

}  // namespace turnpike::process
