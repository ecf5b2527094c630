#include "measure/calibrate/mariadb_login.h"

#include <cstring>

#include "os/file.h"
#include "os/local.h"

namespace turnpike::measure {
namespace {

using os::Class;

// Capabilities: long passwords, protocol 4.1, its authentication, and that by a plugin that is named.
constexpr uint32_t kCapabilities = 0x1 | 0x200 | 0x8000 | 0x80000;
constexpr uint32_t kMostPacket = 1 << 24;
constexpr char kUtf8 = 45;
constexpr char kQuit = 1;
constexpr unsigned char kOk = 0x00, kError = 0xff, kSwitch = 0xfe;
constexpr unsigned char kProtocol = 10;

std::string number(uint32_t value, size_t bytes) {
    std::string text;
    for (size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
}

std::string packetOf(const std::string& payload, uint8_t sequence) {
    return number(static_cast<uint32_t>(payload.size()), 3) + static_cast<char>(sequence) + payload;
}

bool readExactly(int fd, char* to, size_t size) {
    for (size_t have = 0; have < size;) {
        int64_t got = os::read(fd, to + have, size - have, Class::Backend);
        if (got <= 0) return false;
        have += static_cast<size_t>(got);
    }
    return true;
}

struct Packet {
    uint8_t sequence = 0;
    std::string payload;
};

Result<Packet> readPacket(int fd) {
    unsigned char head[4];
    if (!readExactly(fd, reinterpret_cast<char*>(head), sizeof head))
        return Error{EIO, "MariaDB closed the connection"};
    Packet packet{head[3], std::string(head[0] | size_t{head[1]} << 8 | size_t{head[2]} << 16, '\0')};
    if (!readExactly(fd, packet.payload.data(), packet.payload.size()))
        return Error{EIO, "MariaDB closed the connection in the middle of a packet"};
    return packet;
}

bool write(int fd, const std::string& packet) {
    return os::send(fd, packet.data(), packet.size(), false, Class::Backend) ==
           static_cast<int64_t>(packet.size());
}

/// An account without password proves nothing, whatever the way: its proof is empty.
Result<bool> answerUntilAccepted(int fd) {
    constexpr int kMostWays = 3;
    for (int i = 0; i < kMostWays; ++i) {
        auto packet = readPacket(fd);
        if (!packet) return packet.error();
        LogIn answer = logInAnswer(packet->payload);
        if (answer == LogIn::Accepted) return true;
        if (answer == LogIn::Refused) return Error{EACCES, "MariaDB: " + errorText(packet->payload)};
        if (!write(fd, packetOf("", static_cast<uint8_t>(packet->sequence + 1)))) break;
    }
    return Error{EACCES, "MariaDB wants a password"};
}

}  // namespace

LogIn logInAnswer(std::string_view packet) {
    const auto kind = packet.empty() ? kError : static_cast<unsigned char>(packet.front());
    if (kind == kOk) return LogIn::Accepted;
    return kind == kSwitch ? LogIn::Again : LogIn::Refused;
}

/// 0xff, a number of two bytes, perhaps '#' and a state of five, the words.
std::string errorText(std::string_view packet) {
    if (packet.size() < 3 || static_cast<unsigned char>(packet.front()) != kError) return "an answer that is none";
    packet.remove_prefix(3);
    if (packet.starts_with('#')) packet.remove_prefix(std::min<size_t>(packet.size(), 6));
    return std::string(packet);
}

std::string logInPacket(const std::string& user) {
    std::string payload = number(kCapabilities, 4) + number(kMostPacket, 4) + kUtf8 + std::string(23, '\0');
    payload += user + '\0';
    payload += '\0';  // an empty proof
    payload += std::string("mysql_native_password") + '\0';
    return packetOf(payload, 1);
}

Result<bool> logInAndQuit(const os::Address& address, const std::string& user) {
    bool done = false;
    os::Fd fd(os::connect(address, Class::Backend, &done), Class::Backend);
    if (!fd) return Error{-fd.get(), "cannot connect to " + address.text() + ": " + std::strerror(-fd.get())};
    os::setBlocking(fd.get(), true);
    auto greeting = readPacket(fd.get());
    if (!greeting) return greeting.error();
    if (greeting->payload.empty() || static_cast<unsigned char>(greeting->payload.front()) != kProtocol)
        return Error{EPROTO, "MariaDB: " + errorText(greeting->payload)};
    if (!write(fd.get(), logInPacket(user))) return Error{EIO, "MariaDB closed the connection"};
    auto accepted = answerUntilAccepted(fd.get());
    if (accepted) write(fd.get(), packetOf(std::string(1, kQuit), 0));
    return accepted;
}

}  // namespace turnpike::measure
