// Interim answers of an exchange (RFC 9110 section 15.2), and who gets them.
#include <cerrno>

#include "server/exchange.h"
#include "server/handover.h"

namespace turnpike::server {

int32_t Exchange::sendInterim(unsigned status, const tp_field* fields, size_t count) {
    if (stream_ == nullptr || redirecting_ || aborted_) return -EPIPE;
    if (access_ == Access::Passed || !handover_.empty()) return -EALREADY;
    if (isFromScript() && findHandover(fields, count).any) leaveOutHandover(fields, count);
    // Some clients of HTTP/1.1 take the first head for the answer's (RFC 8297 section 3); the version is part of
    // the protocol's name.
    const bool is_http1 = std::string_view(view_.protocol.ptr, view_.protocol.len).starts_with("HTTP/1.");
    const bool leaves = !is_http1 || (site_ != nullptr && site_->config->interim_http1);
    return response_.sendInterim(status, fields, count, leaves);
}

}  // namespace turnpike::server
