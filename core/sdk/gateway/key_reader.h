// key_reader.h - keys that gateways with a queue share, declared once, and reading keys with the checks that their
// type alone does not make. Setup only; what is refused is thrown as Refused.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/gateway/gateway.h"
#include "sdk/gateway/pool_rules.h"
#include "sdk/plugin.hpp"

namespace turnpike::gateway {

namespace key {
inline constexpr tp_key kQueue = {"queue", TP_KEY_INTEGER, 0, "512",
                                  "How many requests of one worker may wait for a backend; more get 503."};
inline constexpr tp_key kQueueTimeout = {"queue_timeout", TP_KEY_DURATION, 0, "10s",
                                         "How long a request may wait for a backend before it gets 503."};
inline constexpr tp_key kTimeout = {"timeout", TP_KEY_DURATION, 0, "60s",
                                    "How long a backend may take for the first byte of its answer; then 504."};
inline constexpr tp_key kGapTimeout = {"gap_timeout", TP_KEY_DURATION, 0, "30s",
                                       "The longest pause inside an answer, or while sending a request."};
inline constexpr tp_key kKeep = {"keep", TP_KEY_BOOLEAN, 0, "true", "Keep connections open between requests."};
inline constexpr tp_key kConnectTimeout = {"connect_timeout", TP_KEY_DURATION, 0, "2s",
                                           "How long a connection may take to be made."};
inline constexpr tp_key kMaxFails = {
    "max_fails", TP_KEY_INTEGER, 0, "3",
    "So many failures within `fail_window` take one of several backends out for `fail_pause`."};
inline constexpr tp_key kFailWindow = {"fail_window", TP_KEY_DURATION, 0, "10s", "See `max_fails`."};
}  // namespace key

class KeyReader {
 public:
    KeyReader(const tp_host& host, const tp_setup& setup) : host_(host), setup_(setup) {}

    std::string string(const char* key) const { return std::string(text(host_.config_string(&setup_, key))); }
    bool isTrue(const char* key) const { return host_.config_integer(&setup_, key) != 0; }
    bool isSet(const char* key) const { return host_.config_is_set(&setup_, key) != 0; }
    uint64_t integer(const char* key, int64_t least, int64_t most) const;
    /// From 1 ms to a day.
    uint64_t duration(const char* key) const;
    std::vector<std::string> list(const char* key) const;
    Pairs map(const char* key) const;
    /// `queue`, `queue_timeout`, `outage`, `timeout` and `gap_timeout`.
    void waiting(PoolRules& to) const;
    /// `keep`, `connect_timeout`, `max_fails`, `fail_window` and `fail_pause`.
    void connecting(PoolRules& to) const;

 protected:
    const tp_host& host_;
    const tp_setup& setup_;
};

/// `text` with everything but letters, digits, '.', '-' and '_' replaced by '_': for file and section names.
std::string plainName(std::string_view text);

}  // namespace turnpike::gateway
