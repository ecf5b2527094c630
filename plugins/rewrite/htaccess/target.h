// target.h - what a rule makes of a request: a path, still decoded, and a query. Text of the file's can begin a
// query; what a client sent cannot. Pure.
#pragma once
#include <string>
#include <string_view>

#include "expansion.h"
#include "subject.h"

namespace turnpike::rewrite::htaccess {

struct Target {
    std::string path;   // or a whole URL
    std::string query;  // ready to be sent
    bool has_query = false;
};

/// `escapes_groups`: the flag B. Cut somewhere behind Expansion::kLongest, as there.
Target expandTarget(const Expansion& expansion, const Subject& subject, const Expansion::Groups& groups,
                    bool escapes_groups);

/// "http://..." and the like.
bool isUrl(std::string_view target);
/// With one slash at its beginning: two would lead to another host (RFC 3986 section 4.2).
std::string onThisHost(std::string_view path);
/// For a Location field. `is_raw`: the flag NE, what is escaped already stays.
std::string encoded(std::string_view path, bool is_raw);

}  // namespace turnpike::rewrite::htaccess
