// client.h - the requests of one worker that are answered by FastCGI backends: each host hook of a plugin's worker
// has its function here. Loop thread only.
#pragma once
#include <string_view>
#include <vector>

#include "sdk/fastcgi/pool.h"
#include "sdk/fastcgi/target.h"
#include "sdk/gateway/active.h"

namespace turnpike::fastcgi {

class Client {
 public:
    /// `services` and `rules` outlive it.
    Client(const Services& services, const Rules& rules, const std::vector<BackendAt>& backends, tp_worker* worker)
        : services_(services), rules_(rules), pool_(services, rules, backends, worker), target_(services, rules) {}

    tp_verdict onRequest(tp_request* request);
    void onSpooled(tp_request* request, const tp_body& body) noexcept;
    void onBody(tp_request* request, std::string_view part, bool is_last) noexcept;
    void onWritable(tp_request* request) noexcept;
    void onDone(tp_request* request, bool is_aborted) noexcept;

 private:
    void submit(Exchange& exchange, std::string_view memory, int fd, uint64_t size);

    const Services& services_;
    const Rules& rules_;
    Pool pool_;
    Target target_;
    gateway::Active<Exchange> active_;
};

}  // namespace turnpike::fastcgi
