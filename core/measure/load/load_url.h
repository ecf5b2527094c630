// load_url.h - where a load goes, as people write it. Pure, but for addressOf().
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/socket.h"

namespace turnpike::measure {

struct LoadUrl {
    std::string socket;  // path of a unix socket; empty: TCP
    std::string host;    // name or number, an IPv6 one without brackets
    bool is_secure = false;
    uint16_t port = 80;
    std::string target = "/";  // path with its query, as it is sent

    /// Value of Host: "localhost" for a unix socket, with the port where it is not the scheme's.
    std::string hostField() const;
};

/// "http[s]://HOST[:PORT][/PATH][?QUERY]" or "unix:/SOCKET[:/PATH]". The Error says what is wrong.
Result<LoadUrl> parseLoadUrl(std::string_view text);

/// "/", a path or a query that may stand in a request line: the Error says which byte may not.
Result<std::string> parseTarget(std::string_view text);

/// Asks the resolver when the host is a name.
Result<os::Address> addressOf(const LoadUrl& url);

}  // namespace turnpike::measure
