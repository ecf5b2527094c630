// document.h - a TOML file as a tree of our own: positions on everything, members in the order of the file. The
// only place that knows toml++. Pure, no I/O.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/snapshot.h"

namespace turnpike::config {

struct Member;

struct Node {
    enum class Kind : uint8_t { String, Integer, Boolean, Array, Table, Fraction, Date };
    Kind kind = Kind::Table;
    Position at;
    std::string text;             // of a String
    int64_t integer = 0;          // of an Integer; 0 or 1 of a Boolean
    std::vector<Node> items;      // of an Array
    std::vector<Member> members;  // of a Table

    const Member* find(std::string_view name) const;
};

/// A key with its value; at: where the key begins.
struct Member {
    std::string name;
    Position at;
    Node value;
};

/// "a string", "an integer", ... for messages.
const char* kindName(Node::Kind kind);

/// The tree of `text`. `file` names it in positions. On a syntax error: the first one, in *problem, and an empty
/// tree.
bool parseDocument(std::string_view text, const std::string& file, Node* to, Problem* problem);

}  // namespace turnpike::config
