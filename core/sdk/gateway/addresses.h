// addresses.h - where a backend is: what a config says, and the numeric addresses that this means. Setup only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sdk/plugin.h"

namespace turnpike::gateway {

/// Whether `host` can be nothing but an IPv4 address or an IPv6 address in brackets; whether it is one is the
/// kernel's to say.
bool isNumericHost(std::string_view host);

/// Whether `host` is written as the name of a machine.
bool isHostName(std::string_view host);

/// The numeric addresses of "host:port", each "address:port": itself, or for a name all that the host knows of it
/// (tp_io.look_up). A name is looked up when the config is loaded, and not again before it is loaded anew. What is
/// no such address, or is not known, is thrown as Refused of `key`.
std::vector<std::string> lookUp(const tp_host& host, const char* key, const std::string& address);

}  // namespace turnpike::gateway
