// balance.h - the order in which a request asks targets. Pure; any thread.
#pragma once
#include <cstdint>
#include <string_view>

namespace turnpike::proxy {

/// How much `key` is drawn to the target with that address: the highest is asked first. When a target comes or
/// goes, only the keys that it wins or had move (rendezvous hashing).
uint64_t affinity(std::string_view key, std::string_view address);

/// The value of cookie `name` in a Cookie field; empty when there is none.
std::string_view cookieValue(std::string_view cookies, std::string_view name);

/// A target's number, from 1, as a cookie says it; `count` or more: none of them.
uint64_t targetOf(std::string_view cookie, uint64_t count);

}  // namespace turnpike::proxy
