// resolve.h - names of machines, for programs that ask; the server itself never does.
#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"
#include "os/socket.h"

namespace turnpike::os {

/// The first address of `host`, which may be a name or numeric ("::1" without brackets). Blocks as long as the
/// resolver does.
Result<Address> resolve(const std::string& host, uint16_t port);

}  // namespace turnpike::os
