// admission.h - Require, Order, Allow, Deny and Satisfy, asked for one request. Pure.
#pragma once
#include <string>

#include "model.h"
#include "subject.h"

namespace turnpike::rewrite::htaccess {

/// The rules that hold for a request: the deepest folder or section that has some.
struct Admission {
    const Requirement* require = nullptr;
    const Order* order = nullptr;
    bool is_one_enough = false;
    bool needs_tls = false;
};

/// Who wants to enter.
struct Entry {
    const Subject& subject;
    Effort& effort;
    bool is_undecided = false;  // set where an expression could not be decided: nobody may be let in or kept out
};

/// Why the client may not enter, or empty.
std::string refusal(const Admission& admission, Entry& entry);

}  // namespace turnpike::rewrite::htaccess
