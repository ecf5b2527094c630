// purge.h - telling what plugins share that something of a site has changed. In the master; it knows nothing of
// what the notices mean to them.
#pragma once
#include <string>
#include <vector>

#include "server/worker.h"

namespace turnpike::process {

/// Answers {"verb":"purge","site":"NAME","token":"...","notices":["...", ...]} with {"told":N} or {"error":"..."}.
/// `site` may be empty where only one site has such memory. `current`: what the serving generation has, whose
/// tokens count; `all`: that of all generations, which are told. `is_owner`: who asks needs no token.
std::string purge(const std::string& line, bool is_owner, const std::vector<server::SharedUse>& current,
                  const std::vector<server::SharedUse>& all);

}  // namespace turnpike::process
