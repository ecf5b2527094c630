#include "cli/progress.h"

#include <algorithm>
#include <cstdio>

#include "base/clock.h"
#include "os/terminal.h"

namespace turnpike::cli {
namespace {

constexpr size_t kBarWidth = 30;
constexpr int kStderr = 2;

std::string whereText(const measure::Progress& progress) {
    return progress.experiment + " block " + std::to_string(progress.block + 1) + " of " +
           std::to_string(progress.blocks);
}

}  // namespace

std::string durationText(uint64_t seconds) {
    char text[48];
    const auto minutes = static_cast<unsigned long long>((seconds + 30) / 60);
    if (seconds < 90)
        std::snprintf(text, sizeof text, "%llu s", static_cast<unsigned long long>(seconds));
    else if (minutes < 60)
        std::snprintf(text, sizeof text, "%llu min", minutes);
    else
        std::snprintf(text, sizeof text, "%llu h %02llu min", minutes / 60, minutes % 60);
    return text;
}

ProgressBar::ProgressBar() : is_terminal_(os::isTerminal(kStderr)) {}

void ProgressBar::show(const measure::Progress& progress) {
    const uint64_t now = monotonicNs();
    if (begun_ns_ == 0) {
        begun_ns_ = now;
        done_at_begin_ = progress.done;
    }
    const size_t done = progress.done - done_at_begin_, left = progress.planned - progress.done;
    std::string left_text;
    if (done > 0) left_text = ", " + durationText((now - begun_ns_) / 1'000'000'000 * left / done) + " left";
    const std::string where = whereText(progress);
    if (is_terminal_) {
        const size_t filled = progress.planned == 0 ? 0 : kBarWidth * progress.done / progress.planned;
        const std::string bar = std::string(filled, '=') + std::string(kBarWidth - filled, ' ');
        std::fprintf(stderr, "\r[%s] %zu of %zu trials, %s%s\033[K", bar.c_str(), progress.done, progress.planned,
                     where.c_str(), left_text.c_str());
        is_shown_ = true;
    } else if (where != last_block_) {
        std::fprintf(stderr, "%s: %zu of %zu trials%s\n", where.c_str(), progress.done, progress.planned,
                     left_text.c_str());
    }
    last_block_ = where;
}

void ProgressBar::clear() {
    if (is_shown_) std::fputs("\r\033[K", stderr);
    is_shown_ = false;
}

}  // namespace turnpike::cli
