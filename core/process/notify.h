// notify.h - what systemd, or whoever set NOTIFY_SOCKET, wants to know (sd_notify(3)). Silent without it.
#pragma once
#include <string>

namespace turnpike::process {

class Notifier {
 public:
    /// Takes NOTIFY_SOCKET out of the environment: nobody but the master speaks for the server.
    Notifier();

    void ready(const std::string& status) const;
    void reloading() const;
    void stopping() const;
    void status(const std::string& text) const;

 private:
    void send(const std::string& text) const;
    std::string socket_;
};

}  // namespace turnpike::process
