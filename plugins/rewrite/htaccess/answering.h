// answering.h - what .htaccess files do to the head of an answer: types, Expires, Header. In on_response only.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model.h"
#include "sdk/plugin.hpp"
#include "subject.h"

namespace turnpike::rewrite::htaccess {

/// What was found out when the request came, kept until its answer leaves.
struct Visit {
    std::vector<const Block*> blocks;
    std::map<std::string, std::string> environment;
    std::string file;     // the part of the path that names it
    std::string name;     // of the file, empty for a folder
    std::string type;     // by a rule's flag T
    bool is_own = false;  // the files themselves refuse or lead elsewhere
};

/// `subject`: knows the answer. `effort`: what is left of the request's.
void changeAnswer(const tp_host& host, tp_request* request, const Visit& visit, const Subject& subject,
                  Effort& effort);

}  // namespace turnpike::rewrite::htaccess
