// condition.h - one test of a request, as RewriteCond and Apache's expressions have it: a text is held against a
// pattern, another text, a number, networks or the disk. Pure but for looking whether files are there.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "../pattern.h"
#include "expansion.h"
#include "sdk/support/networks.h"
#include "subject.h"

namespace turnpike::rewrite::htaccess {

struct Condition {
    enum class Kind : uint8_t {
        Pattern,
        Equal,
        Less,
        Greater,
        LessOrEqual,
        GreaterOrEqual,
        Number,
        Address,
        File,
        Folder,
        Filled,
        Link
    };
    Kind kind = Kind::Pattern;
    Expansion subject;
    std::optional<Pattern> pattern;
    Expansion value;              // of comparisons
    std::string number;           // "eq", "lt" ...
    support::Networks addresses;  // of Address
    bool is_negated = false, ignores_case = false;
};

/// The kind of "f", "d", "s", "l", "L" and "h", which stand behind a "-".
std::optional<Condition::Kind> diskTest(std::string_view letter);
/// Whether it is one of "eq", "ne", "lt", "gt", "le" and "ge".
bool isNumberTest(std::string_view name);

/// `given` becomes the text that was looked at, and the captures, set where a pattern found something, are views
/// into it.
Found holds(const Condition& condition, const Subject& subject, const Expansion::Groups& groups, Effort& effort,
            std::string& given, Captures& captures);

}  // namespace turnpike::rewrite::htaccess
