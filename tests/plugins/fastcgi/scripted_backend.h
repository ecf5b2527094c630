// scripted_backend.h - a FastCGI backend that says exactly what a test wants, right or wrong.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "support/scripted_server.h"
#include "support/temp_folder.h"

namespace turnpike::fastcgi::test {

/// A record's bytes.
std::string record(unsigned type, std::string_view content, unsigned id = 1, unsigned version = 1,
                   unsigned padding = 0);
std::string endRecord(unsigned status = 0, unsigned app_status = 0, unsigned id = 1);
/// A whole good answer.
std::string goodAnswer(std::string_view text);

/// A request as it came.
struct Seen {
    std::map<std::string, std::string> params;
    std::string body;
    bool keep = false;
    unsigned connection = 0;  // counted from 0
};

/// The connection that a script answers on.
class Peer : public testing::Peer {
 public:
    using testing::Peer::Peer;
    /// The next record's type, or -1 at the end of the connection, or -2 when `ms` have passed.
    int waitRecord(int ms);

    bool readRecord(unsigned& type, std::string& content);

 private:
    bool readExactly(char* to, size_t size);
};

class ScriptedBackend : public testing::ScriptedServer<Peer, Seen> {
 public:
    /// On a unix socket. By default each request gets "hello".
    explicit ScriptedBackend(Script script = {});
    ~ScriptedBackend() override { stop(); }

 private:
    bool readRequest(Peer& peer, Seen& seen) const override;
    bool isKept(const Seen& seen) const override { return seen.keep; }

    TempFolder folder_;
};

}  // namespace turnpike::fastcgi::test
