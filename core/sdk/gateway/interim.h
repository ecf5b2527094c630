// interim.h - handing an interim answer (RFC 9110 section 15.2) on to the client, where the host can. Loop thread.
#pragma once
#include <cerrno>
#include <cstddef>
#include <vector>

#include "sdk/services.h"

namespace turnpike::gateway {

/// As tp_response_service.send_interim(); -ENOTSUP: this host has none, and no client gets any.
inline int32_t sendInterim(const tp_host& host, tp_request* request, unsigned status,
                           const std::vector<tp_field>& fields) {
    constexpr size_t kWithIt = offsetof(tp_response_service, send_interim) + sizeof(void*);
    const auto* service = static_cast<const tp_response_service*>(host.extension(TP_RESPONSE_ID));
    if (service == nullptr || service->struct_size < kWithIt) return -ENOTSUP;
    return service->send_interim(request, status, fields.data(), fields.size());
}

}  // namespace turnpike::gateway
