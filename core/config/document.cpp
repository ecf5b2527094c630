#include "config/document.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>

namespace turnpike::config {
namespace {

Position place(const toml::source_region& source, const std::string& file) {
    return {file, source.begin.line, source.begin.column};
}

Node convert(const toml::node& from, const std::string& file);

/// toml++ sorts a table by name; people read their file from top to bottom.
std::vector<Member> convertMembers(const toml::table& table, const std::string& file) {
    std::vector<Member> members;
    for (auto&& [key, value] : table)
        members.push_back({std::string(key.str()), place(key.source(), file), convert(value, file)});
    std::stable_sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
        return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
    });
    return members;
}

void convertScalar(const toml::node& from, Node& to) {
    if (const auto* string = from.as_string()) {
        to.kind = Node::Kind::String;
        to.text = string->get();
    } else if (const auto* integer = from.as_integer()) {
        to.kind = Node::Kind::Integer;
        to.integer = integer->get();
    } else if (const auto* boolean = from.as_boolean()) {
        to.kind = Node::Kind::Boolean;
        to.integer = boolean->get() ? 1 : 0;
    } else {
        to.kind = from.is_floating_point() ? Node::Kind::Fraction : Node::Kind::Date;
    }
}

Node convert(const toml::node& from, const std::string& file) {
    Node to;
    to.at = place(from.source(), file);
    if (const auto* table = from.as_table()) {
        to.members = convertMembers(*table, file);
    } else if (const auto* array = from.as_array()) {
        to.kind = Node::Kind::Array;
        for (const toml::node& item : *array) to.items.push_back(convert(item, file));
    } else {
        convertScalar(from, to);
    }
    return to;
}

}  // namespace

const Member* Node::find(std::string_view name) const {
    auto found = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.name == name; });
    return found == members.end() ? nullptr : &*found;
}

const char* kindName(Node::Kind kind) {
    switch (kind) {
        case Node::Kind::String:
            return "a string";
        case Node::Kind::Integer:
            return "an integer";
        case Node::Kind::Boolean:
            return "true or false";
        case Node::Kind::Array:
            return "a list";
        case Node::Kind::Table:
            return "a table";
        case Node::Kind::Fraction:
            return "a number with a fraction";
        case Node::Kind::Date:
            return "a date or time";
    }
    return "";
}

bool parseDocument(std::string_view text, const std::string& file, Node* to, Problem* problem) {
    *to = Node{};
    toml::parse_result parsed = toml::parse(text, std::string_view(file));
    if (!parsed) {
        problem->at = place(parsed.error().source(), file);
        problem->message = std::string(parsed.error().description());
        return false;
    }
    *to = convert(parsed.table(), file);
    return true;
}

}  // namespace turnpike::config
