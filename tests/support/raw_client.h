// raw_client.h - a TCP client that sends bytes as they are and shows what comes back. Every wait is bounded.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnpike {

/// An answer taken apart. `body` is decoded when it was chunked.
struct Answer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields;  // lower-case names
    std::string head, body;
    bool whole = false;  // the body ended as its head promised
    std::string field(std::string_view name) const;
};

class RawClient {
 public:
    explicit RawClient(uint16_t port, const char* address = "127.0.0.1");
    virtual ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    bool isConnected() const { return fd_ >= 0; }
    virtual bool send(std::string_view bytes);
    /// The same, a few bytes at a time.
    bool sendSlowly(std::string_view bytes, size_t step);
    void endSending();
    /// The next answer; `to_head`: it has no body whatever its head says. status 0: none came.
    Answer answer(bool to_head = false);
    /// The next `size` bytes, whatever they are; fewer when they do not come.
    std::string some(size_t size);
    /// What comes up to and with `end`; all that came when that does not.
    std::string until(std::string_view end);
    /// All that comes until the server closes, at most `ms`. *closed: it did.
    std::string rest(int ms = 5000, bool* closed = nullptr);
    /// Reads at most `size` bytes and waits `ms`: a slow reader.
    void take(size_t size, int ms);
    /// Closes with a reset.
    void reset();

 protected:
    int fd() const { return fd_; }
    /// What comes next within `ms`: bytes, 0 or less at the end. False: nothing came.
    virtual bool read(char* to, size_t size, int ms, ssize_t* got);

 private:
    bool fill(int ms);
    int fd_ = -1;
    std::string buffer_;
    bool ended_ = false;
};

/// What has come of the body of a chunked answer that may not have ended, from its head on.
std::string bodySoFar(std::string_view bytes);

/// One request on a connection of its own.
Answer ask(uint16_t port, std::string_view request);
/// GET with Host and Connection: close, and more field lines (each with CRLF).
Answer get(uint16_t port, const std::string& path, const std::string& fields = "");

}  // namespace turnpike
