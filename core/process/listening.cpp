#include "process/listening.h"

#include <charconv>
#include <cstdlib>
#include <cstring>

#include "os/file.h"
#include "os/local.h"
#include "os/process.h"

namespace turnpike::process {
namespace {

int64_t numberFrom(const char* variable) {
    const char* text = std::getenv(variable);
    int64_t number = -1;
    if (text != nullptr) std::from_chars(text, text + std::strlen(text), number);
    return number;
}

std::string pathOf(const os::Address& address) { return address.text().substr(5); }

}  // namespace

ListeningSocket::~ListeningSocket() {
    if (address.isUnix() && !inherited) os::removeFile(pathOf(address));
}

int ListeningSocket::defer(uint64_t ms) {
    if (address.isUnix() || ms == deferred_ms) return 0;
    int set = os::setDeferAccept(fd.get(), static_cast<unsigned>((ms + 999) / 1000));
    if (set == 0) deferred_ms = ms;
    return set;
}

int ListeningSocket::permit(const Permission& wanted) {
    if (!address.isUnix() || inherited || permission == wanted) return 0;
    const bool has_group = permission && permission->group == wanted.group;
    const auto group = has_group ? std::optional<gid_t>() : wanted.group;
    const int done = os::permitSocket(pathOf(address), group, wanted.mode);
    if (done == 0) permission = wanted;
    return done;
}

int ListeningSocket::narrow(const Permission& next) {
    if (!permission) return permit(next);
    const unsigned both = permission->mode & next.mode;
    return permit({permission->group == next.group ? both : both & ~0070u, permission->group});
}

bool ListeningSocket::isForEverybody() const {
    return inherited && address.isUnix() && os::isForEverybody(pathOf(address));
}

std::vector<std::string> ListeningSockets::takeInherited(os::ErrorLog& log, int first) {
    int64_t count = numberFrom("LISTEN_PID") == os::ownPid() ? numberFrom("LISTEN_FDS") : 0;
    for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(variable);
    std::vector<std::string> found;
    for (int fd = first; fd < first + count; ++fd) {
        os::Fd owner(fd, os::Class::Listen);
        os::Address address;
        if (os::isListening(fd) != 1 || os::localAddress(fd, os::Class::Listen, &address) < 0) {
            log.write(TP_LOG_WARN, "descriptor " + std::to_string(fd) + " from systemd is not a listening socket");
            continue;
        }
        os::setCloseOnExec(fd);
        os::setBlocking(fd, false);
        found.push_back(address.text());
        inherited_.push_back(std::make_shared<ListeningSocket>(std::move(owner), address, true));
        open_[found.back()] = inherited_.back();
    }
    return found;
}

Result<std::shared_ptr<ListeningSocket>> ListeningSockets::openOne(const std::string& text, int backlog,
                                                                   const Permission& permission) {
    auto address = os::Address::parse(text);
    if (!address) return address.error();
    std::weak_ptr<ListeningSocket>& known = open_[address->text()];
    auto socket = known.lock();
    if (!socket) {
        auto fd = os::listen(*address, backlog, 0600);
        if (!fd) return fd.error();
        os::Address bound = *address;
        os::localAddress(fd->get(), os::Class::Listen, &bound);  // port 0: the one that the kernel chose
        socket = std::make_shared<ListeningSocket>(std::move(*fd), bound, false);
    }
    if (int set = socket->narrow(permission); set < 0)
        return Error{-set, "listen_mode or listen_group on " + address->text() + ": " + std::strerror(-set)};
    known = socket;
    return socket;
}

Result<std::vector<std::shared_ptr<ListeningSocket>>> ListeningSockets::open(
    const std::vector<std::string>& addresses, int backlog, const Permission& permission) {
    std::vector<std::shared_ptr<ListeningSocket>> sockets;
    for (const std::string& text : addresses) {
        auto socket = openOne(text, backlog, permission);
        if (!socket) return socket.error();
        sockets.push_back(std::move(*socket));
    }
    return sockets;
}

std::vector<std::string> ListeningSockets::unused() const {
    std::vector<std::string> addresses;
    for (const auto& socket : inherited_)
        if (socket.use_count() == 1) addresses.push_back(socket->address.text());
    return addresses;
}

}  // namespace turnpike::process
