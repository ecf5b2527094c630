// keys.h - the keys that every plugin has which hands requests to FastCGI backends, declared once, and reading
// them. Setup only; what is refused is thrown as Refused.
#pragma once
#include <string>
#include <vector>

#include "sdk/fastcgi/rules.h"
#include "sdk/gateway/key_reader.h"
#include "sdk/gateway/program_limits.h"
#include "sdk/plugin.hpp"

namespace turnpike::fastcgi {

namespace key {
using gateway::key::kGapTimeout;
using gateway::key::kQueue;
using gateway::key::kQueueTimeout;
using gateway::key::kTimeout;
inline constexpr tp_key kRestart = {
    "restart", TP_KEY_DURATION, 0, "100ms",
    "Pause before a supervised program that died is started again; doubles up to 30s while it keeps dying."};
inline constexpr tp_key kOutage = {
    "outage", TP_KEY_DURATION, 0, "1500ms",
    "How long requests wait for a backend that cannot be reached (a restart) before they get 503."};
inline constexpr tp_key kStreamBody = {
    "stream_body", TP_KEY_BOOLEAN, 0, "false",
    "Hand a request's body on while it comes in, instead of taking it in whole first. The backend then begins at "
    "once, but a client that is slow to send holds a child, and a request whose body has begun is not asked "
    "twice. "
    "A body of unknown length (chunked) is always taken in whole, since CONTENT_LENGTH must be right."};
inline constexpr tp_key kParams = {"params", TP_KEY_MAP, 0, nullptr,
                                   "More variables for the backend; they win over Turnpike's own."};
inline constexpr tp_key kPassAuthorization = {
    "pass_authorization", TP_KEY_BOOLEAN, 0, "true",
    "Pass the Authorization field as HTTP_AUTHORIZATION, unless Turnpike checked it itself."};
inline constexpr tp_key kCgroupMemory = gateway::key::cgroupMemory(
    "Memory of all processes of the supervised program together (memory.max of a cgroup of its own): past it the "
    "kernel kills one of them. 0: no limit.");
inline constexpr tp_key kCgroupProcesses = gateway::key::cgroupProcesses(
    "Processes and threads of the supervised program together (pids.max of a cgroup of its own). 0: no limit.");
}  // namespace key

/// What the processes of a supervised program may use: each, and all together.
struct BackendLimits {
    gateway::Limits each;
    gateway::GroupLimits together;
};

class KeyReader : public gateway::KeyReader {
 public:
    using gateway::KeyReader::KeyReader;

    /// The keys of gateway/program_limits.h, where `processes` is the name of that one.
    BackendLimits limits(const char* processes = "processes") const;

    /// What the other keys above say, and the site's index files.
    void rules(Rules& to) const;

 private:
    std::vector<std::string> phpIndex() const;
};

using gateway::plainName;

}  // namespace turnpike::fastcgi
