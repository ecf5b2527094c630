#include "scripted_backend.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <utility>

namespace turnpike::fastcgi::test {
namespace {

size_t takeLength(std::string_view& stream) {
    auto first = static_cast<unsigned char>(stream[0]);
    if (first < 128) {
        stream.remove_prefix(1);
        return first;
    }
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(stream[i]);
    stream.remove_prefix(4);
    return length & 0x7fffffff;
}

std::map<std::string, std::string> parseParams(std::string_view stream) {
    std::map<std::string, std::string> params;
    while (!stream.empty()) {
        size_t name = takeLength(stream), value = takeLength(stream);
        params.emplace(stream.substr(0, name), stream.substr(name, value));
        stream.remove_prefix(name + value);
    }
    return params;
}

}  // namespace

std::string record(unsigned type, std::string_view content, unsigned id, unsigned version, unsigned padding) {
    std::string bytes;
    for (unsigned byte : {version, type, id >> 8, id & 255, static_cast<unsigned>(content.size() >> 8),
                          static_cast<unsigned>(content.size() & 255), padding, 0u})
        bytes.push_back(static_cast<char>(byte));
    return bytes.append(content).append(padding, 'p');
}

std::string endRecord(unsigned status, unsigned app_status, unsigned id) {
    std::string body(8, '\0');
    body[3] = static_cast<char>(app_status);
    body[4] = static_cast<char>(status);
    return record(3, body, id);
}

std::string goodAnswer(std::string_view text) {
    return record(6, "Content-Type: text/plain\r\n\r\n" + std::string(text)) + record(6, "") + endRecord();
}

bool Peer::readExactly(char* to, size_t size) {
    for (size_t have = 0; have < size;) {
        ssize_t n = ::recv(fd_, to + have, size - have, 0);
        if (n <= 0) return false;
        have += static_cast<size_t>(n);
    }
    return true;
}

bool Peer::readRecord(unsigned& type, std::string& content) {
    unsigned char header[8];
    if (!readExactly(reinterpret_cast<char*>(header), sizeof header)) return false;
    content.resize(static_cast<size_t>(header[4] << 8 | header[5]) + header[6]);
    if (!readExactly(content.data(), content.size())) return false;
    content.resize(content.size() - header[6]);
    type = header[1];
    return true;
}

int Peer::waitRecord(int ms) {
    pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, ms) <= 0) return -2;
    unsigned type = 0;
    std::string content;
    return readRecord(type, content) ? static_cast<int>(type) : -1;
}

ScriptedBackend::ScriptedBackend(Script script)
    : ScriptedServer(script ? std::move(script)
                            : [](Peer& peer, const Seen&) { peer.write(goodAnswer("hello")); }) {
    ::chmod(folder_.path().c_str(), 0755);  // workers of a server started as root are somebody else
    useUnix(folder_.path() + "/socket");
    start();
}

bool ScriptedBackend::readRequest(Peer& peer, Seen& seen) const {
    std::string params, content;
    unsigned type = 0;
    if (!peer.readRecord(type, content) || type != 1) return false;
    seen.keep = (content[2] & 1) != 0;
    while (peer.readRecord(type, content)) {
        if (type == 4) params += content;
        if (type != 5) continue;
        seen.body += content;
        if (content.empty()) {
            seen.params = parseParams(params);
            return true;
        }
    }
    return false;
}

}  // namespace turnpike::fastcgi::test
