// request_head.h - the head of the request that an upstream gets. Pure; any thread.
#pragma once
#include <string>
#include <string_view>

#include "settings.h"
#include "upload.h"

namespace turnpike::proxy {

/// The protocol of `upgrade` (a request's Upgrade field) that `allowed` has, in lower case; empty: none.
std::string_view chooseUpgrade(std::string_view upgrade, const std::vector<std::string>& allowed);

/// How the body of this request is told its end.
Upload::Coding codingOf(const tp_request_view& request);

/// The path and query that the upstream is asked for. What the rules of this server judged is what the upstream
/// gets: the client's own spelling where it says the same, else the decoded path written anew.
void appendTarget(const tp_request_view& request, bool strip_prefix, std::string& to);

/// The whole head, at the end of `to`. `authority`: Host where neither the settings nor the client have one.
/// `upgrade`: the protocol to ask for, empty: none.
void appendHead(const tp_request_view& request, const Settings& settings, std::string_view authority,
                std::string_view upgrade, std::string& to);

}  // namespace turnpike::proxy
