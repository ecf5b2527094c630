// fcgi_records.h - what the bare loops of the bench say to a FastCGI program.
#pragma once
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

constexpr size_t kRecordHeader = 8;
constexpr unsigned char kBegin = 1, kEnd = 3, kParams = 4, kStdin = 5, kStdout = 6;
/// FCGI_BEGIN_REQUEST of a responder whose connection is kept.
constexpr std::string_view kBeginBody("\0\1\1\0\0\0\0\0", 8);

[[noreturn]] inline void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

inline int connectTo(const char* path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail(path);
    return fd;
}

inline void writeHeader(char* at, unsigned char type, size_t length) {
    const unsigned char bytes[kRecordHeader] = {
        1, type, 0, 1, static_cast<unsigned char>(length >> 8), static_cast<unsigned char>(length), 0, 0};
    std::memcpy(at, bytes, kRecordHeader);
}

inline std::string record(unsigned char type, std::string_view content) {
    std::string text(kRecordHeader, '\0');
    writeHeader(text.data(), type, content.size());
    return text.append(content);
}

/// A name and a value of fewer than 128 bytes each.
inline void addParam(std::string& params, std::string_view name, std::string_view value) {
    params.push_back(static_cast<char>(name.size()));
    params.push_back(static_cast<char>(value.size()));
    params.append(name).append(value);
}

/// Calls `each(type, content)` for every record. True: the last one says that the request has ended.
template <class Each>
bool readRecords(std::string_view records, Each each) {
    for (size_t at = 0; at + kRecordHeader <= records.size();) {
        const auto* byte = reinterpret_cast<const unsigned char*>(records.data() + at);
        const size_t size = static_cast<size_t>(byte[4] << 8 | byte[5]);
        const size_t next = at + kRecordHeader + size + byte[6];
        if (next > records.size()) return false;
        each(byte[1], records.substr(at + kRecordHeader, size));
        if (byte[1] == kEnd) return true;
        at = next;
    }
    return false;
}
