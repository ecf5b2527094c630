// Connections that are made, accepted and closed.
#include <cstdlib>
#include <memory>

#include "measure/calibrate/mariadb_login.h"
#include "measure/calibrate/probes.h"
#include "os/file.h"
#include "os/local.h"
#include "os/process.h"
#include "os/socket.h"

namespace turnpike::measure {
namespace {

using os::Class;

/// A folder of this process for one socket.
class SocketFolder {
 public:
    SocketFolder() {
        const char* temporary = std::getenv("TMPDIR");
        path_ = std::string(temporary != nullptr && *temporary == '/' ? temporary : "/tmp") +
                "/turnpike-calibrate-" + std::to_string(os::ownPid());
        os::makeDirectory(path_, 0700);
    }
    ~SocketFolder() {
        os::removeFile(socket());
        os::removeDirectory(path_);
    }
    SocketFolder(const SocketFolder&) = delete;
    SocketFolder& operator=(const SocketFolder&) = delete;
    std::string socket() const { return path_ + "/socket"; }

 private:
    std::string path_;
};

struct Listener {
    SocketFolder folder;
    os::Fd fd;
    os::Address address;
};

Result<std::shared_ptr<Listener>> listenAt(bool is_unix) {
    auto listener = std::make_shared<Listener>();
    auto wanted = os::Address::parse(is_unix ? "unix:" + listener->folder.socket() : "127.0.0.1:0");
    if (!wanted) return wanted.error();
    auto made = os::listen(*wanted, 16);
    if (!made) return made.error();
    listener->fd = std::move(*made);
    listener->address = *wanted;
    if (!is_unix) os::localAddress(listener->fd.get(), Class::Listen, &listener->address);
    os::setBlocking(listener->fd.get(), true);
    return listener;
}

bool connectAndClose(const Listener& listener) {
    bool done = false;
    os::Fd near(os::connect(listener.address, Class::Backend, &done), Class::Backend);
    os::Fd far(near ? os::accept(listener.fd.get(), nullptr) : -1, Class::Backend);
    return static_cast<bool>(far);
}

void addConnect(Probes& to, const std::string& name, bool is_unix) {
    auto listener = listenAt(is_unix);
    if (!listener) return to.leaveOut(name, listener.error().text);
    to.ready.push_back({name, [listener = *listener](uint64_t repeats) {
                            return medianNs(repeats, [&] { return connectAndClose(*listener); });
                        }});
}

Result<double> logIns(const os::Address& address, const std::string& user, uint64_t repeats) {
    Result<bool> good = true;
    auto took = medianNs(repeats, [&] {
        good = logInAndQuit(address, user);
        return static_cast<bool>(good);
    });
    if (!good) return good.error();
    return took;
}

void addMariadb(Probes& to, const CalibrationOptions& options) {
    const std::string name = "connect_mariadb";
    if (options.mariadb_socket.empty()) return to.leaveOut(name, "no server was named (mariadb_socket)");
    auto address = os::Address::parse("unix:" + options.mariadb_socket);
    if (!address) return to.leaveOut(name, address.error().text);
    to.ready.push_back({name, [address = *address, user = options.mariadb_user](uint64_t repeats) {
                            return logIns(address, user, repeats);
                        }});
}

}  // namespace

void addConnectProbes(Probes& to, const CalibrationOptions& options) {
    addConnect(to, "connect_unix", true);
    addConnect(to, "connect_tcp", false);
    addMariadb(to, options);
}

}  // namespace turnpike::measure
