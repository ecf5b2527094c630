// half_close.h - the end of one direction of a connection, while the other goes on, where the host can. Loop
// thread.
#pragma once
#include <cstddef>

#include "sdk/services.h"

namespace turnpike::gateway {

/// As tp_io.end_writing(). False: it cannot be done, or this host has no such call.
inline bool endWriting(const tp_io& io, tp_request* payer, int fd) {
    return io.struct_size > offsetof(tp_io, end_writing) && io.end_writing(payer, fd) == 0;
}

/// The host's tp_response_service when it has end_sending(); null otherwise.
inline const tp_response_service* halfClose(const tp_host& host) {
    const auto* service = static_cast<const tp_response_service*>(host.extension(TP_RESPONSE_ID));
    const bool has_it = service != nullptr && service->struct_size > offsetof(tp_response_service, end_sending);
    return has_it ? service : nullptr;
}
inline bool canEndSending(const tp_host& host) { return halfClose(host) != nullptr; }
/// As tp_response_service.end_sending(), of a host that has it.
inline void endSending(const tp_host& host, tp_request* request) { halfClose(host)->end_sending(request); }

}  // namespace turnpike::gateway
