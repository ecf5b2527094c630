#include "process/notify.h"

#include <cstdlib>

#include "base/clock.h"
#include "os/local.h"

namespace turnpike::process {

Notifier::Notifier() {
    if (const char* socket = std::getenv("NOTIFY_SOCKET")) socket_ = socket;
    ::unsetenv("NOTIFY_SOCKET");
}

void Notifier::send(const std::string& text) const {
    if (!socket_.empty()) os::sendDatagram(socket_, text);
}

void Notifier::ready(const std::string& text) const { send("READY=1\nSTATUS=" + text); }

/// The time stamp makes Type=notify-reload work: it tells this reload from one that systemd asked for later.
void Notifier::reloading() const {
    send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonicNs() / 1000) + "\nSTATUS=reloading");
}

void Notifier::stopping() const { send("STOPPING=1\nSTATUS=draining"); }

void Notifier::status(const std::string& text) const { send("STATUS=" + text); }

}  // namespace turnpike::process
