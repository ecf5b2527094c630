// scripted_upstream.h - an HTTP server that says exactly what a test wants, right or wrong.
#pragma once
#include <atomic>
#include <map>
#include <string>
#include <string_view>

#include "support/scripted_server.h"

namespace turnpike::proxy::test {

/// A whole good answer.
std::string goodAnswer(std::string_view text, std::string_view fields = "");

/// A request as it came.
struct Seen {
    std::string line, head;                     // request line; all of the head
    std::map<std::string, std::string> fields;  // lower-case names; repeated ones joined with ", "
    std::string body;
    unsigned connection = 0;  // counted from 0
    std::string field(const std::string& name) const {
        auto at = fields.find(name);
        return at == fields.end() ? "(none)" : at->second;
    }
};

/// The connection that a script answers on.
class Peer : public testing::Peer {
 public:
    using testing::Peer::Peer;
    /// Some bytes, empty at the end of the connection.
    std::string read();
    /// Until `end` has come, or the connection has ended.
    std::string readUntil(std::string_view end);
    /// Exactly so many, or fewer when the connection ended.
    std::string readExactly(size_t size);
    /// Waits until the other side has closed.
    void waitForEnd();

 private:
    bool fill();
    std::string buffer_;
};

class ScriptedUpstream : public testing::ScriptedServer<Peer, Seen> {
 public:
    /// On a free port of 127.0.0.1. By default each request gets "hello".
    explicit ScriptedUpstream(Script script = {});
    ~ScriptedUpstream() override { stop(); }

    /// The script runs when the head is there, and reads the body itself.
    void leaveBody() { leaves_body_ = true; }
    Seen lastSeen() { return seen().back(); }

 private:
    bool readRequest(Peer& peer, Seen& seen) const override;

    std::atomic<bool> leaves_body_{false};
};

}  // namespace turnpike::proxy::test
