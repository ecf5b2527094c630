// wire.h - what the wire tests share: a site on the real server, and requests whose bytes are spelled out.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/raw_client.h"
#include "support/server_process.h"

namespace turnpike::wire {

/// A folder of files and a server whose site answers from the probe first, then from these files, and below
/// /cgi-bin/ from programs. `sites`: more TOML behind it, in which ROOT is the folder.
class Site {
 public:
    explicit Site(const std::string& limits = "", const std::string& routes = "", const std::string& sites = "",
                  const std::string& server = "");
    ServerProcess& server() { return *server_; }
    uint16_t port() const { return server_->port(); }
    const TempFolder& root() const { return root_; }

 private:
    TempFolder root_;
    std::unique_ptr<ServerProcess> server_;
};

/// One server for all tests of a suite.
template <class Suite>
class WireTest : public testing::Test {
 protected:
    static void SetUpTestSuite() { site_ = Suite::makeSite(); }
    static void TearDownTestSuite() { site_.reset(); }
    static uint16_t port() { return site_->port(); }
    static Site& site() { return *site_; }

 private:
    static inline std::unique_ptr<Site> site_;
};

/// All that came on one connection until the server closed it.
struct Talk {
    std::string bytes;
    bool closed = false;
    int answers = 0;  // status lines at the start of a line
    int status = 0;   // of the first
    bool has(std::string_view text) const { return bytes.find(text) != std::string::npos; }
};
Talk talk(uint16_t port, std::string_view request, int ms = 5000);

/// "GET /hello", complete: what an attacker hides behind something else.
extern const std::string kHello;
/// "GET PATH HTTP/1.1" with Host and these field lines (each with CRLF), complete.
std::string request(const std::string& path, const std::string& fields = "", const std::string& method = "GET");
/// The same with a body and its length.
std::string post(const std::string& path, const std::string& body, const std::string& fields = "");
/// A member of the totals in `turnpike status --json`.
int total(ServerProcess& server, const std::string& name);
/// Shows control bytes, for messages.
std::string shown(std::string_view bytes);

/// One input and the only status it may get.
struct Refused {
    const char* what;
    std::string bytes;
    int status;
};
/// Sends each with a whole request hidden behind it: exactly one answer, of this status, that says
/// "Connection: close" and is followed by the end of the connection.
void expectRefused(uint16_t port, const std::vector<Refused>& cases);

}  // namespace turnpike::wire
