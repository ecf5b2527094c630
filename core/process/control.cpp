#include "process/control.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <cstring>
#include <vector>

#include "os/file.h"
#include "os/local.h"
#include "os/privileges.h"
#include "os/socket.h"

namespace turnpike::process {
namespace {
using os::Class;
constexpr size_t kMostRequest = 65536, kMostConnections = 32, kMostAnswer = size_t{64} << 20;
constexpr uint64_t kRequestMs = 5'000, kAnswerMs = 10'000;

std::string verbOf(const std::string& line) {
    try {
        auto object = Poco::JSON::Parser().parse(line).extract<Poco::JSON::Object::Ptr>();
        return object->optValue<std::string>("verb", "");
    } catch (const Poco::Exception&) {
        return "";
    }
}
}  // namespace

ControlServer::ControlServer(Reactor& reactor, os::ErrorLog& log, Handler handler)
    : reactor_(reactor), log_(log), handler_(std::move(handler)) {}

ControlServer::~ControlServer() {
    while (!connections_.empty()) drop(connections_.begin()->first);
    if (!listener_) return;
    reactor_.unwatch(listener_.get());
    os::removeFile(path_);
}

Result<bool> ControlServer::open(const std::string& path, const std::string& key, Who who) {
    auto address = os::Address::parse("unix:" + path);
    if (!address) return Error{EINVAL, "[server] " + key + ": " + address.error().text};
    auto listener = os::listen(*address, 16, who == Who::Owner ? 0600 : 0666);
    if (!listener && listener.error().code == EADDRINUSE)
        return Error{EADDRINUSE, "another turnpike serves already: it answers on the " + key + " " + path};
    if (!listener) return Error{listener.error().code, "[server] " + key + ": " + listener.error().text};
    who_ = who;
    path_ = path;
    listener_ = std::move(*listener);
    reactor_.watch(listener_.get(), os::kReadable, [this](uint32_t) { onConnect(); });
    return true;
}

void ControlServer::onConnect() {
    int fd = os::accept(listener_.get(), nullptr);
    if (fd < 0) return;
    os::Fd owner(fd, Class::Listen);
    int64_t user = os::peerUser(fd);
    if (who_ == Who::Owner && user != 0 && user != static_cast<int64_t>(os::ownIdentity().uid)) {
        log_.write(TP_LOG_WARN, "user " + std::to_string(user) + " was refused at the control socket");
        return;
    }
    if (connections_.size() >= kMostConnections) return;
    uint64_t id = next_++;
    connections_[id].fd = std::move(owner);
    connections_[id].timer = reactor_.after(kRequestMs, [this, id] { drop(id); });
    reactor_.watch(fd, os::kReadable, [this, id](uint32_t) { onEvent(id); });
}

void ControlServer::onEvent(uint64_t id) {
    Connection& connection = connections_.at(id);
    if (!connection.out.empty()) return flush(id);
    if (!readRequest(id, connection) || connection.answered) return;
    size_t end = connection.in.find('\n');
    if (end == std::string::npos) return;
    reactor_.cancel(connection.timer);
    connection.answered = true;
    const std::string line = connection.in.substr(0, end);
    handler_(verbOf(line), line, [this, id](const std::string& json) { reply(id, json); });
}

/// False: nothing to do now, and `connection` may be gone.
bool ControlServer::readRequest(uint64_t id, Connection& connection) {
    char buffer[4096];
    int64_t size = os::recv(connection.fd.get(), buffer, sizeof buffer, Class::Event);
    if (size == -EAGAIN) return false;
    if (size > 0 && connection.in.size() + static_cast<size_t>(size) <= kMostRequest) {
        connection.in.append(buffer, static_cast<size_t>(size));
        return true;
    }
    drop(id);
    return false;
}

void ControlServer::reply(uint64_t id, const std::string& json) {
    auto found = connections_.find(id);
    if (found == connections_.end()) return;
    Connection& connection = found->second;
    connection.out = json + "\n";
    connection.timer = reactor_.after(kAnswerMs, [this, id] { drop(id); });
    reactor_.watch(connection.fd.get(), os::kWritable, [this, id](uint32_t) { onEvent(id); });
    flush(id);
}

void ControlServer::flush(uint64_t id) {
    Connection& connection = connections_.at(id);
    int64_t sent =
        os::send(connection.fd.get(), connection.out.data(), connection.out.size(), false, Class::Event);
    if (sent == -EAGAIN) return;
    connection.out.erase(0, sent > 0 ? static_cast<size_t>(sent) : connection.out.size());
    if (connection.out.empty()) drop(id);
}

void ControlServer::drop(uint64_t id) {
    auto found = connections_.find(id);
    if (found == connections_.end()) return;
    reactor_.cancel(found->second.timer);
    reactor_.unwatch(found->second.fd.get());
    connections_.erase(found);
}

namespace {

std::string explain(int code, const std::string& path) {
    if (code == ENOENT || code == ECONNREFUSED) return "turnpike is not running: nobody answers on " + path;
    if (code == EACCES || code == EPERM)
        return "no permission to use " + path + ": run this as the user who started turnpike, or as root";
    return path + ": " + std::strerror(code);
}

bool waitFor(int fd, short what, int timeout_ms) {
    pollfd waiting{fd, what, 0};
    return os::poll(&waiting, 1, timeout_ms) > 0;
}

}  // namespace

Result<std::string> ask(const std::string& path, const std::string& verb, int timeout_ms) {
    return askLine(path, "{\"verb\":\"" + verb + "\"}", timeout_ms);
}

Result<std::string> askLine(const std::string& path, const std::string& json, int timeout_ms) {
    auto address = os::Address::parse("unix:" + path);
    if (!address) return address.error();
    bool done = false;
    int fd = os::connect(*address, Class::Event, &done);
    if (fd < 0) return Error{-fd, explain(-fd, path)};
    os::Fd owner(fd, Class::Event);
    std::string request = json + "\n", answer;
    int64_t sent = os::send(fd, request.data(), request.size(), false, Class::Event);
    if (sent < 0) return Error{static_cast<int>(-sent), explain(static_cast<int>(-sent), path)};
    char buffer[65536];
    for (;;) {
        if (!waitFor(fd, POLLIN, timeout_ms)) return Error{ETIMEDOUT, "turnpike did not answer on " + path};
        int64_t size = os::recv(fd, buffer, sizeof buffer, Class::Event);
        if (size == 0) return answer;
        if (size < 0) return Error{static_cast<int>(-size), explain(static_cast<int>(-size), path)};
        answer.append(buffer, static_cast<size_t>(size));
        if (answer.size() > kMostAnswer) return Error{EMSGSIZE, "the answer on " + path + " is too long"};
    }
}

}  // namespace turnpike::process
