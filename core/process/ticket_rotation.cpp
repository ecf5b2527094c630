#include "process/ticket_rotation.h"

#include <cstring>

#include "os/machine.h"

namespace turnpike::process {

void TicketRotation::start() {
    net::TicketKey fresh;
    if (os::randomBytes(&fresh, sizeof fresh))
        keys_.rotate(fresh);
    else
        log_.write(TP_LOG_ERROR,
                   "the kernel gives no random bytes: the keys of TLS session tickets stay as they are");
    ::explicit_bzero(&fresh, sizeof fresh);
    timer_ = reactor_.after(every_ms_, [this] { start(); });
}

}  // namespace turnpike::process
