#include "scripted_upstream.h"

#include <sys/socket.h>

#include <utility>

namespace turnpike::proxy::test {

std::string goodAnswer(std::string_view text, std::string_view fields) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) + "\r\n" + std::string(fields) +
           "\r\n" + std::string(text);
}

bool Peer::fill() {
    char block[65536];
    const ssize_t n = ::recv(fd_, block, sizeof block, 0);
    if (n > 0) buffer_.append(block, static_cast<size_t>(n));
    return n > 0;
}

std::string Peer::read() {
    if (buffer_.empty()) fill();
    return std::exchange(buffer_, {});
}

std::string Peer::readUntil(std::string_view end) {
    size_t at = buffer_.find(end);
    while (at == std::string::npos && fill()) at = buffer_.find(end);
    return readExactly(at == std::string::npos ? buffer_.size() : at + end.size());
}

std::string Peer::readExactly(size_t size) {
    while (buffer_.size() < size && fill()) {
    }
    std::string taken = buffer_.substr(0, size);
    buffer_.erase(0, taken.size());
    return taken;
}

void Peer::waitForEnd() {
    while (fill()) buffer_.clear();
}

ScriptedUpstream::ScriptedUpstream(Script script)
    : ScriptedServer(script ? std::move(script)
                            : [](Peer& peer, const Seen&) { peer.write(goodAnswer("hello")); }) {
    start();
}

bool ScriptedUpstream::readRequest(Peer& peer, Seen& seen) const {
    seen.head = peer.readUntil("\r\n\r\n");
    if (!seen.head.ends_with("\r\n\r\n")) return false;
    std::string_view rest = seen.head;
    seen.line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(seen.line.size() + 2);
    while (rest.size() > 2) {
        const std::string_view line = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(line.size() + 2);
        const size_t colon = line.find(": ");
        std::string& value = seen.fields[std::string(line.substr(0, colon))];
        value = value.empty() ? line.substr(colon + 2) : value + ", " + std::string(line.substr(colon + 2));
    }
    if (leaves_body_) return true;
    if (seen.fields.contains("content-length"))
        seen.body = peer.readExactly(std::stoul(seen.fields["content-length"]));
    if (!seen.fields.contains("transfer-encoding")) return true;
    for (;;) {
        const size_t size = std::stoul(peer.readUntil("\r\n"), nullptr, 16);
        seen.body += peer.readExactly(size);
        peer.readExactly(2);
        if (size == 0) return true;
    }
}

}  // namespace turnpike::proxy::test
