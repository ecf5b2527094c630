#include "cli/exporter.h"

#include <vector>

#include "base/clock.h"
#include "http/request_head.h"
#include "http/response_head.h"
#include "os/socket.h"
#include "sdk/support/http_date.h"

namespace turnpike::cli {
namespace {
using os::Class;
constexpr size_t kMostConnections = 16, kMostHead = 16384;
constexpr uint64_t kPatienceMs = 10'000;

tp_str str(std::string_view s) { return {s.data(), s.size()}; }

bool isLoopback(const os::Address& address) {
    const std::string host = address.host();
    return address.isUnix() || host == "::1" || host.starts_with("127.");
}

/// A page in a browser that a foreign name led here says that name: it is not told anything.
bool isOwnHost(std::string_view host) {
    return host.empty() || host == "localhost" ||
           host.find_first_not_of("0123456789.") == std::string_view::npos || host.starts_with('[');
}

std::string response(unsigned status, std::string_view type, std::string_view body, bool is_head) {
    char date[support::kHttpDateSize];
    support::formatHttpDate(unixMs() / 1000, date);
    const tp_field fields[] = {{str("content-type"), str(type)}, {str("cache-control"), str("no-store")}};
    http::ResponseHead head;
    head.status = status;
    head.fields = fields;
    head.field_count = 2;
    head.length = body.size();
    head.keep_alive = false;
    head.date = {date, sizeof date};
    std::string text(http::responseHeadSize(head), '\0');
    text.resize(http::writeResponseHead(head, text.data()));
    return is_head ? text : text.append(body);
}

std::string refusal(unsigned status, bool is_head = false) {
    return response(status, "text/plain", std::string(http::reasonPhrase(status)) + "\n", is_head);
}

}  // namespace

Exporter::~Exporter() {
    while (!connections_.empty()) drop(connections_.begin()->first);
    if (listener_) reactor_.unwatch(listener_.get());
}

Result<bool> Exporter::listen(const std::string& text) {
    auto address = os::Address::parse(text);
    if (!address) return address.error();
    if (!isLoopback(*address))
        return Error{EPERM, text +
                                " can be reached by others: metrics are for 127.0.0.1, [::1] or unix:/path, and a "
                                "route with a proxy and access rules may lead there"};
    auto listener = os::listen(*address, 16);
    if (!listener) return listener.error();
    listener_ = std::move(*listener);
    os::Address own;
    if (os::localAddress(listener_.get(), Class::Listen, &own) == 0) port_ = own.port();
    reactor_.watch(listener_.get(), os::kReadable, [this](uint32_t) { onConnect(); });
    return true;
}

void Exporter::onConnect() {
    os::Fd fd(os::accept(listener_.get(), nullptr), Class::Client);
    if (!fd || connections_.size() >= kMostConnections) return;
    const uint64_t id = next_++;
    reactor_.watch(fd.get(), os::kReadable, [this, id](uint32_t) { onReadable(id); });
    connections_[id].fd = std::move(fd);
    connections_[id].timer = reactor_.after(kPatienceMs, [this, id] { drop(id); });
}

void Exporter::onReadable(uint64_t id) {
    Connection& connection = connections_.at(id);
    char buffer[4096];
    const int64_t size = os::recv(connection.fd.get(), buffer, sizeof buffer, Class::Client);
    if (size == -EAGAIN) return;
    if (size <= 0) return drop(id);
    connection.in.append(buffer, static_cast<size_t>(size));
    connection.out = answerTo(connection.in);
    if (connection.out.empty()) return;
    reactor_.watch(connection.fd.get(), os::kWritable, [this, id](uint32_t) { onWritable(id); });
}

void Exporter::onWritable(uint64_t id) {
    Connection& connection = connections_.at(id);
    const int64_t sent =
        os::send(connection.fd.get(), connection.out.data(), connection.out.size(), false, Class::Client);
    if (sent == -EAGAIN) return;
    connection.out.erase(0, sent > 0 ? static_cast<size_t>(sent) : connection.out.size());
    if (connection.out.empty()) drop(id);
}

void Exporter::drop(uint64_t id) {
    auto found = connections_.find(id);
    if (found == connections_.end()) return;
    reactor_.cancel(found->second.timer);
    reactor_.unwatch(found->second.fd.get());
    connections_.erase(found);
}

std::string Exporter::answerTo(std::string& in) {
    http::HeadLimits limits;
    std::vector<tp_field> fields(limits.fields);
    http::RequestHead head;
    head.fields = fields.data();
    const http::HeadResult result = http::parseRequestHead(in.data(), in.size(), 0, limits, head);
    if (result.state == http::Parse::Incomplete) return in.size() > kMostHead ? refusal(431) : std::string();
    if (result.state == http::Parse::Refused) return refusal(result.status);
    const bool is_head = head.method == TP_METHOD_HEAD;
    if (!isOwnHost(head.host)) return refusal(421, is_head);
    if (head.path != "/metrics") return refusal(404, is_head);
    if (head.method != TP_METHOD_GET && !is_head) return refusal(405);
    auto text = metrics_();
    if (!text) return response(503, "text/plain", text.error().text + "\n", is_head);
    return response(200, "text/plain; version=0.0.4; charset=utf-8", *text, is_head);
}

}  // namespace turnpike::cli
