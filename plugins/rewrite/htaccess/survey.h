// survey.h - all .htaccess files of a site read at once, for who asks before they are needed: `turnpike check
// --deep`. Start-up only: it blocks, and its look-ups are no request's.
#pragma once
#include <string>
#include <vector>

#include "lines.h"

namespace turnpike::rewrite::htaccess {

struct Finding {
    Place place;  // line 0: the file, or the folder, as a whole
    std::string why;
};

/// Of each file below `root` that would close its folder: where and why, by their places. Links to folders are not
/// followed, and a link in a file's place must lead to one below the root. After 100,000 folders, and below 64 on
/// top of each other, nothing more is looked at, which is a finding of its own.
std::vector<Finding> survey(const std::string& root);

}  // namespace turnpike::rewrite::htaccess
