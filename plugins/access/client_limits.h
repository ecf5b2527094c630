// client_limits.h - the limits of one use of the plugin, in one worker. Loop thread.
#pragma once
#include <optional>
#include <string>
#include <unordered_map>

#include "limit_settings.h"
#include "limit_table.h"

namespace turnpike::access {

class Limits {
 public:
    /// `random`: see LimitTable.
    Limits(const tp_host& host, const LimitSettings& settings, support::HashKey random)
        : host_(host), settings_(settings), table_(*settings.service, settings.shared, settings.clients, random) {}

    struct Refusal {
        std::string cause;
        uint64_t retry_after_s;
    };
    /// Once for each request: a request that goes to another path is still the same one.
    std::optional<Refusal> enter(tp_request* request);
    /// The request has ended.
    void leave(tp_request* request);

 private:
    void tellUncounted(tp_request* request);

    const tp_host& host_;
    const LimitSettings& settings_;
    LimitTable table_;
    std::unordered_map<tp_request*, uint32_t> seen_;  // what leave() gives back for each
    uint64_t told_uncounted_ = 0;
};

}  // namespace turnpike::access
