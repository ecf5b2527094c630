#include <algorithm>

#include "config/bind.h"
#include "config/suggest.h"

namespace turnpike::config {
namespace {

bool stringOnly(const Node& node, const std::string& what, std::vector<Problem>& problems) {
    if (node.kind == Node::Kind::String) return true;
    std::string hint = node.kind == Node::Kind::Integer || node.kind == Node::Kind::Boolean
                           ? ": write it in quotation marks"
                           : std::string();
    problems.push_back({node.at, what + " must be a string, not " + kindName(node.kind) + hint});
    return false;
}

bool makeList(const Member& member, RawKey* to, std::vector<Problem>& problems) {
    std::vector<std::string> list;
    bool good = true;
    for (size_t i = 0; i < member.value.items.size(); ++i) {
        const Node& item = member.value.items[i];
        good &= stringOnly(item, "entry " + std::to_string(i + 1) + " of " + quoted(member.name), problems);
        list.push_back(item.text);
    }
    to->value = std::move(list);
    return good;
}

bool makeMap(const Member& member, RawKey* to, std::vector<Problem>& problems) {
    StringMap map;
    bool good = true;
    for (const Member& entry : member.value.members) {
        good &= stringOnly(entry.value, quoted(member.name + "." + entry.name), problems);
        map.emplace_back(entry.name, entry.value.text);
    }
    to->value = std::move(map);
    return good;
}

}  // namespace

bool isUnknownSection(const Member& member, const std::vector<std::string_view>& known,
                      std::vector<Problem>& problems) {
    const Node& value = member.value;
    bool is_section = value.kind == Node::Kind::Array
                          ? !value.items.empty() && value.items.front().kind == Node::Kind::Table
                          : value.kind == Node::Kind::Table;
    if (!is_section || std::find(known.begin(), known.end(), member.name) != known.end()) return false;
    problems.push_back({member.at, "unknown section " + quoted(member.name) + suggestion(member.name, known)});
    return true;
}

bool makeRawKey(const Member& member, RawKey* to, std::vector<Problem>& problems) {
    to->name = member.name;
    to->at = member.at;
    switch (member.value.kind) {
        case Node::Kind::String:
            to->value = member.value.text;
            return true;
        case Node::Kind::Integer:
            to->value = member.value.integer;
            return true;
        case Node::Kind::Boolean:
            to->value = member.value.integer != 0;
            return true;
        case Node::Kind::Array:
            return makeList(member, to, problems);
        case Node::Kind::Table:
            return makeMap(member, to, problems);
        case Node::Kind::Fraction:
        case Node::Kind::Date:
            break;
    }
    problems.push_back({member.value.at, quoted(member.name) + ": no key takes " + kindName(member.value.kind)});
    return false;
}

}  // namespace turnpike::config
