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
        GiveUp     // it cannot be known: `why`
    };
    Kind kind = Kind::Stay;
    unsigned status = 0;
    std::string target = {};  // encoded, ready to be sent
    bool is_end = false;      // no more rules for this request
    bool is_here = false;     // of Move: to the same path with another query
    Place place = {};         // of the rule that decided
    const char* why = "";
    std::string type = {};  // T: what the answer's media type is
};

struct RunFor {
    Effort& effort;
    const std::string& base;    // RewriteBase
    const std::string& folder;  // the URL path of the folder that holds the rules, which ends with a slash
    bool redirects = true;      // false: rules that lead the client elsewhere are passed over
};

/// `rules`: those of the folder, then those that it inherits. E sets variables of `subject`.
Outcome runRules(const std::vector<const RewriteRule*>& rules, const RunFor& what, Subject& subject);

}  // namespace turnpike::rewrite::htaccess
