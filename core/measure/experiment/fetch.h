// fetch.h - one page, as it comes.
#pragma once
#include <string>

#include "base/result.h"
#include "os/socket.h"

namespace turnpike::measure {

struct Answer {
    std::string head;  // with its last empty line
    std::string body;
};

/// GET over a connection of its own. An error: not a whole 200 within ten seconds.
Result<Answer> fetch(const os::Address& address, const std::string& host, const std::string& path);
/// The same from a server that has just been started, whose backend may need a moment.
Result<Answer> fetchWhenReady(const os::Address& address, const std::string& host, const std::string& path);

}  // namespace turnpike::measure
