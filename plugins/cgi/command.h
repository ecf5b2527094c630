// command.h - the command line and the environment of a program. Reuses its memory from request to request.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sdk/gateway/gateway.h"
#include "settings.h"

namespace turnpike::cgi {

/// RFC 3875 section 4.4: the decoded words of an indexed query; empty when it is none, or when a word cannot be an
/// argument (a NUL, a broken escape) or could be taken for an option ("-s": CVE-2012-1823).
std::vector<std::string> indexedWords(const tp_request_view& view);

class Command {
 public:
    explicit Command(const Settings& settings) : settings_(settings) {}

    /// Everything but the descriptors. What it points to lives until the next call.
    tp_spawn build(const tp_request_view& view, const gateway::Script& script, uint64_t content_length);

 private:
    const Settings& settings_;
    gateway::Variables variables_;
    std::vector<std::string> words_;
    std::vector<tp_str> argv_, env_;
};

}  // namespace turnpike::cgi
