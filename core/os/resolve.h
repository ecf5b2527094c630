// resolve.h - names of machines, for programs that ask and for configs that are loaded; no request waits for it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/socket.h"

namespace turnpike::os {

/// The first address of `host`, which may be a name or numeric ("::1" without brackets). Blocks as long as the
/// resolver does.
Result<Address> resolve(const std::string& host, uint16_t port);

/// All addresses of `host` in one family, "10.0.0.5" or "[::1]": of IPv4 where there are any, since many programs
/// listen on that alone. Sorted, so that everybody numbers them alike; never empty. Blocks as long as the resolver
/// does.
Result<std::vector<std::string>> resolveAll(const std::string& host);

}  // namespace turnpike::os
