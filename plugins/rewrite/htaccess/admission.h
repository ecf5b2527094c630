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
};

/// Why the client may not enter, or empty.
std::string refusal(const Admission& admission, const Subject& subject);

}  // namespace turnpike::rewrite::htaccess
