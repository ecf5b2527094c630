#include "server/server_timing.h"

#include <cstdint>
#include <cstdio>

namespace turnpike::server {
namespace {

void add(std::string& to, const char* name, int64_t from_us, int64_t to_us) {
    if (from_us < 0 || to_us < from_us) return;
    char text[64];
    std::snprintf(text, sizeof text, "%s%s;dur=%.3f", to.empty() ? "" : ", ", name,
                  static_cast<double>(to_us - from_us) / 1000);
    to += text;
}

}  // namespace

std::string serverTiming(const tp_log_record& so_far) {
    const auto& phase = so_far.phase_us;
    std::string text;
    add(text, "route", 0, so_far.routed_us);
    add(text, "queue", phase[TP_PHASE_QUEUED], phase[TP_PHASE_CONNECTED]);
    add(text, "request", phase[TP_PHASE_CONNECTED], phase[TP_PHASE_SENT]);
    add(text, "backend", phase[TP_PHASE_SENT], phase[TP_PHASE_FIRST_BYTE]);
    add(text, "total", 0, so_far.total_us);
    return text;
}

}  // namespace turnpike::server
