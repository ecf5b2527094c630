// listening.h - the listening sockets, owned by the master and inherited by the workers. One that two generations
// name is the same descriptor in both, so a reload refuses nobody.
#pragma once
#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "os/fd.h"
#include "os/log.h"
#include "os/socket.h"

namespace turnpike::process {

/// Who may connect to a unix socket.
struct Permission {
    unsigned mode = 0600;
    gid_t group = 0;
    bool operator==(const Permission&) const = default;
};

/// Closed, and a unix socket's file removed, with the last generation that uses it.
struct ListeningSocket {
    os::Fd fd;
    os::Address address;
    bool inherited = false;                // from systemd, which keeps its own copy
    uint64_t deferred_ms = 0;              // as defer() left it; what systemd set is not known
    std::optional<Permission> permission;  // as permit() left it; none: it is not known yet

    ListeningSocket(os::Fd f, os::Address a, bool i) : fd(std::move(f)), address(a), inherited(i) {}
    ~ListeningSocket();
    /// TCP_DEFER_ACCEPT on a TCP socket, at once for whoever accepts from it; 0 or -errno.
    int defer(uint64_t ms);
    /// On a unix socket of our own, at once for whoever connects; 0 or -errno.
    int permit(const Permission& wanted);
    /// Lets in only whom `next` lets in, too. What permit() gave before comes back by permit(), and so does
    /// `next`.
    int narrow(const Permission& next);
    /// A unix socket of systemd's that all of this machine may connect to.
    bool isForEverybody() const;
    ListeningSocket(const ListeningSocket&) = delete;
    ListeningSocket& operator=(const ListeningSocket&) = delete;
};

class ListeningSockets {
 public:
    /// The sockets that systemd passed to this process (LISTEN_PID, LISTEN_FDS), from descriptor `first` on. The
    /// variables are removed. Returns what was found.
    std::vector<std::string> takeInherited(os::ErrorLog& log, int first = 3);
    /// One per address, in order: the one that is open already, the inherited one, or a new one. Until permit()
    /// nobody may connect whom `permission` does not let in.
    Result<std::vector<std::shared_ptr<ListeningSocket>>> open(const std::vector<std::string>& addresses,
                                                               int backlog, const Permission& permission);
    /// The inherited ones are not kept for a later config any more.
    void release() { inherited_.clear(); }
    /// Those that systemd passed and nobody uses: who connects there waits for ever.
    std::vector<std::string> unused() const;

 private:
    Result<std::shared_ptr<ListeningSocket>> openOne(const std::string& text, int backlog,
                                                     const Permission& permission);

    std::map<std::string, std::weak_ptr<ListeningSocket>> open_;
    std::vector<std::shared_ptr<ListeningSocket>> inherited_;  // kept, a later config may name them
};

}  // namespace turnpike::process
