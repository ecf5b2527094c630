// addresses.h - where a backend is: what a config says, and the numeric addresses that this means. Setup only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::gateway {

/// Whether `host` can be nothing but an IPv4 address or an IPv6 address in brackets; whether it is one is the
/// kernel's to say.
bool isNumericHost(std::string_view host);

/// The numeric addresses of "host:port", each "address:port": itself, or for a name all that the resolver knows of
/// one family, of IPv4 where there are any, since many programs listen on that alone; sorted, so that all workers
/// number them alike. "localhost" is 127.0.0.1 (RFC 6761 section 6.3). Blocks as long as the resolver does: a name
/// is looked up when the config is loaded and not again before it is loaded anew. What is no such address, or is
/// not known, is thrown as Refused of `key`.
std::vector<std::string> lookUp(const char* key, const std::string& address);

}  // namespace turnpike::gateway
