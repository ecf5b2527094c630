// settings.h - the keys of this plugin and what they mean once they are checked. Setup only; immutable afterwards.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/gateway/key_reader.h"
#include "target_spec.h"

namespace turnpike::proxy {

/// key | meaning | default: see kKeys, from which `turnpike explain proxy` and the README's table come.
inline constexpr tp_key kKeys[] = {
    {"targets", TP_KEY_LIST, 1, nullptr,
     "Where requests go: addresses such as \"127.0.0.1:3000\" and \"[::1]:3000\", \"unix:/run/app.sock\", or "
     "names such as \"app:3000\", which are looked up when the config is loaded; with \"https://\" before it, TLS "
     "is spoken there (\"https://app.example:8443\"), see `tls`."},
    {"tls", TP_KEY_MAP, 0, nullptr,
     "How \"https://\" targets are spoken with: \"trust\", a PEM file of the authorities that are believed (by "
     "default those of this machine); \"name\", whom their certificates must be for (by default the name or "
     "address "
     "in `targets`); \"certificate\" and \"key\", PEM files that are shown to targets which ask for them; "
     "\"verify\" "
     "= \"insecure-none\", which believes whoever answers. The workers' user must be able to read the files; a "
     "reload reads them anew."},
    {"balance", TP_KEY_STRING, 0, "round_robin",
     "Which of several targets is asked: \"round_robin\", \"least_connections\", \"address\" (the same client has "
     "the same target) or \"cookie\" (the same browser, by a cookie of Turnpike's own, see `cookie`)."},
    {"cookie", TP_KEY_STRING, 0, "turnpike_target",
     "Name of the cookie for balance = \"cookie\". Its value is the target's number in the list."},
    {"connections", TP_KEY_INTEGER, 0, "256",
     "So many connections to each target at most, of all workers together; further requests wait."},
    gateway::key::kKeep,
    {"keep_timeout", TP_KEY_DURATION, 0, "30s", "How long a kept connection may be idle."},
    gateway::key::kQueue,
    gateway::key::kQueueTimeout,
    {"outage", TP_KEY_DURATION, 0, "1500ms",
     "How long a request is tried again while no target can be connected to (a restart); then 502. What comes "
     "when "
     "that is so for longer already gets 503 at once."},
    gateway::key::kConnectTimeout,
    gateway::key::kTimeout,
    gateway::key::kGapTimeout,
    gateway::key::kMaxFails,
    gateway::key::kFailWindow,
    {"fail_pause", TP_KEY_DURATION, 0, "5s",
     "See `max_fails`. It doubles, up to 16 times as long, as long as the target fails again right after it."},
    {"health_path", TP_KEY_STRING, 0, nullptr,
     "Ask each target for this path (GET) from time to time, and send it no requests while it does not answer "
     "well: "
     "out at the second failure in a row, in again at the first good answer. Each worker asks for itself."},
    {"health_interval", TP_KEY_DURATION, 0, "5s",
     "The pause between two such questions, and the time that one may take."},
    {"health_status", TP_KEY_INTEGER, 0, "200", "The status that a good answer has."},
    {"host", TP_KEY_STRING, 0, nullptr,
     "The Host field that targets get, and the one that is asked for health; by default the client's, and the "
     "target's address."},
    {"strip_prefix", TP_KEY_BOOLEAN, 0, "false", "Take the route's prefix off the path."},
    {"forwarded", TP_KEY_STRING, 0, "x-forwarded",
     "What tells targets who the client is: \"x-forwarded\" (X-Forwarded-For, -Proto and -Host), \"rfc7239\" "
     "(Forwarded), \"both\" or \"none\". Such fields of the client's own are never passed on."},
    {"via", TP_KEY_STRING, 0, nullptr, "A name to add to the Via field of requests; by default none is added."},
    {"fields", TP_KEY_MAP, 0, nullptr,
     "Request fields to set, replacing the client's; an empty value takes the client's away."},
    {"upgrade", TP_KEY_LIST, 0, "[\"websocket\"]",
     "Protocols that a client may switch to (Upgrade), in HTTP/1.1."},
    {"tunnel_timeout", TP_KEY_DURATION, 0, "10m",
     "How long nothing may pass, either way, after a switch to another protocol."},
};

enum class Balance : uint8_t { RoundRobin, LeastConnections, Address, Cookie };

struct Settings : gateway::PoolRules {
    /// More would not fit the set of targets that a request has tried.
    static constexpr size_t kMostTargets = 64;

    /// Reads and checks every key; throws Refused.
    Settings(const tp_host& host, const tp_setup& setup);

    std::vector<TargetSpec> targets;
    TlsKeys tls;
    Balance balance = Balance::RoundRobin;
    std::string cookie;
    uint32_t connections = 256;
    bool strip_prefix = false, x_forwarded = true, rfc7239 = false;
    uint64_t keep_ms, tunnel_ms;
    std::string health_path;  // empty: targets are not asked
    uint64_t health_ms;
    unsigned health_status = 200;
    std::string host;  // empty: the client's
    std::string via;
    gateway::Pairs fields;             // names in lower case
    std::vector<std::string> upgrade;  // lower case
};

}  // namespace turnpike::proxy
