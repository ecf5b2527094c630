#include "client_limits.h"

#include <chrono>

namespace turnpike::access {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

// Not the moment when the request began to come: that is the client's to choose.
uint64_t now() {
    using namespace std::chrono;
    return static_cast<uint64_t>(duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count());
}

}  // namespace

std::optional<Limits::Refusal> Limits::enter(tp_request* request) {
    if (seen_.contains(request)) return std::nullopt;
    const tp_request_view& view = *host_.view(request);
    if (settings_.unlimited.contains(text(view.remote_address))) return std::nullopt;
    const LimitTable::Answer answer = table_.enter(settings_.key.of(view), settings_.limit, now());
    if (answer.verdict == LimitTable::Verdict::Pass) {
        seen_.emplace(request, answer.held);
        tellUncounted(request);
        return std::nullopt;
    }
    const std::string who = " of the client " + std::string(text(view.remote_address));
    if (answer.verdict == LimitTable::Verdict::TooMany)
        return Refusal{
            "more than " + std::to_string(settings_.limit.at_once) + " requests at once" + who + " (at_once)", 1};
    return Refusal{"too many requests" + who + " (rate)", (answer.wait_ns + kSecond - 1) / kSecond};
}

void Limits::leave(tp_request* request) {
    const auto seen = seen_.find(request);
    if (seen == seen_.end()) return;
    table_.leave(seen->second);
    seen_.erase(seen);
}

/// At 1, 2, 4, 8 and so on: it is no reason to fill the log.
void Limits::tellUncounted(tp_request* request) {
    if (table_.uncounted() <= told_uncounted_ * 2) return;
    told_uncounted_ = table_.uncounted();
    const std::string text = "requests that no limit could count so far: " + std::to_string(told_uncounted_) +
                             " (more clients at once than `clients` has room for)";
    host_.log_request(request, TP_LOG_WARN, str(text));
}

}  // namespace turnpike::access
