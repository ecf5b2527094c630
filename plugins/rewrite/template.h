// template.h - text of the config with variables in it: "/shop/$1?from=$host". Parsed at start; what a client sent
// is put in escaped for the place where it stands, and never read again.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pattern.h"
#include "sdk/plugin.hpp"

namespace turnpike::rewrite {

/// What a template may name beside the request itself.
struct Match {
    Captures path;  // of the rule's pattern for the path: $0 to $9
    /// Named groups of all patterns of the rule, in the order of Names.
    std::vector<std::string> named;
    std::string_view mapped;  // what the rule's map says: $map
};
using Names = std::vector<std::string>;

class Template {
 public:
    Template() = default;
    /// `groups`: how many groups the pattern for the path has, the whole counted; 0: there is none. Throws
    /// std::invalid_argument.
    Template(std::string_view text, size_t groups, const Names& names, bool has_map);

    /// A path to look for, or a key of a map: nothing is escaped.
    std::string plain(const tp_request_view& view, const Match& match) const;
    /// A target: what is put in is percent-encoded, in the path but for "/", behind "?" and in a host's name all.
    /// "$query" and "$map" stay as they are.
    std::string target(const tp_request_view& view, const Match& match) const;

    bool isEmpty() const { return pieces_.empty(); }
    bool names(std::string_view variable) const;
    bool hasQuestionMark() const { return has_question_mark_; }

 private:
    enum class What : uint8_t { Text, Group, Named, Path, Query, Host, Scheme, Method, Remote, Mapped };
    struct Piece {
        What what;
        size_t number = 0;  // of a group, or a name's place in Names
        std::string text;   // of Text; otherwise the variable's name
    };
    struct Scope;
    size_t addVariable(std::string_view rest, const Scope& scope);
    static std::string_view value(const Piece& piece, const tp_request_view& view, const Match& match);

    std::vector<Piece> pieces_;
    bool has_question_mark_ = false;
};

}  // namespace turnpike::rewrite
