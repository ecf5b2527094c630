// rewriting.h - a folder's rules run for one request. Pure but for looking whether files are there.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model.h"
#include "subject.h"

namespace turnpike::rewrite::htaccess {

struct Outcome {
    enum class Kind : uint8_t {
        Stay,      // nothing changed
        Refuse,    // with `status`
        Redirect,  // the client, with `status`, to `target`
        Move,      // go on inside the site with `target`
        TooMuch,   // a pattern tried too much
        Endless    // the flag N has begun again too often
    };
    Kind kind = Kind::Stay;
    unsigned status = 0;
    std::string target = {};  // encoded, ready to be sent
    bool is_end = false;      // no more rules for this request
    bool is_here = false;     // of Move: to the same path with another query
    unsigned line = 0;        // of the rule that decided
    std::string type = {};    // T: what the answer's media type is
};

/// `folder`: the URL path of the folder that holds the rules, which ends with a slash. `rules`: those of the
/// folder, then those that it inherits. E sets variables of `subject`.
Outcome runRules(const std::vector<const RewriteRule*>& rules, const std::string& base, const std::string& folder,
                 Subject& subject);

}  // namespace turnpike::rewrite::htaccess
