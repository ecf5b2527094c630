#include "template.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "request_facts.h"
#include "sdk/support/escape.h"

namespace turnpike::rewrite {
namespace {

constexpr std::string_view kNameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Where in a target the next piece stands.
enum class Place : uint8_t { Host, Path, Query };

/// "https://" opens a host's name, the next slash ends it, also one that `part` begins with; "?" opens the query.
Place placeOf(std::string_view part, std::string_view so_far) {
    if (so_far.find('?') != std::string_view::npos) return Place::Query;
    const size_t scheme = so_far.find("://");
    if (scheme == std::string_view::npos || so_far.starts_with('/')) return Place::Path;
    // Without a name before it, a slash would leave what follows to be taken for the host.
    const bool has_name = so_far.size() > scheme + 3;
    const bool is_over =
        so_far.find('/', scheme + 3) != std::string_view::npos || (has_name && part.starts_with('/'));
    return is_over ? Place::Path : Place::Host;
}

}  // namespace

struct Template::Scope {
    size_t groups;
    const Names& names;
    bool has_map;
};

Template::Template(std::string_view text, size_t groups, const Names& names, bool has_map) {
    const Scope scope{groups, names, has_map};
    has_question_mark_ = text.find('?') != std::string_view::npos;
    while (!text.empty()) {
        const size_t plain = std::min(text.find('$'), text.size());
        if (plain > 0) pieces_.push_back({What::Text, 0, std::string(text.substr(0, plain))});
        text.remove_prefix(plain);
        if (!text.empty()) text.remove_prefix(addVariable(text, scope));
    }
}

/// `rest` begins with "$". How much of it the variable takes.
size_t Template::addVariable(std::string_view rest, const Scope& scope) {
    const bool has_braces = rest.starts_with("${");
    const size_t begin = has_braces ? 2 : 1;
    if (rest.starts_with("$$")) {
        pieces_.push_back({What::Text, 0, "$"});
        return 2;
    }
    size_t end = std::min(rest.find_first_not_of(kNameBytes, begin), rest.size());
    // "$12" is the first group and a 2: there are nine.
    if (!has_braces && begin < rest.size() && isDigit(rest[begin])) end = begin + 1;
    const std::string name(rest.substr(begin, end - begin));
    if (name.empty() || (has_braces && rest.substr(end, 1) != "}"))
        throw std::invalid_argument("a \"$\" that stands for itself is written \"$$\"");
    const size_t taken = has_braces ? end + 1 : end;
    if (name.size() == 1 && isDigit(name[0])) {
        const auto number = static_cast<size_t>(name[0] - '0');
        if (number >= scope.groups)
            throw std::invalid_argument("\"$" + name + "\" is a group that `path` does not have");
        pieces_.push_back({What::Group, number, name});
        return taken;
    }
    if (const auto named = std::ranges::find(scope.names, name); named != scope.names.end()) {
        pieces_.push_back({What::Named, static_cast<size_t>(named - scope.names.begin()), name});
        return taken;
    }
    constexpr std::pair<std::string_view, What> kKnown[] = {
        {"path", What::Path},     {"query", What::Query},   {"host", What::Host},  {"scheme", What::Scheme},
        {"method", What::Method}, {"remote", What::Remote}, {"map", What::Mapped},
    };
    const auto* known = std::ranges::find(kKnown, name, [](const auto& pair) { return pair.first; });
    if (known == std::end(kKnown) || (known->second == What::Mapped && !scope.has_map))
        throw std::invalid_argument("there is no \"$" + name +
                                    "\": $path, $query, $host, $scheme, $method, $remote, $1 to $9, the names of "
                                    "groups, and $map where there is a map");
    pieces_.push_back({known->second, 0, name});
    return taken;
}

std::string_view Template::value(const Piece& piece, const tp_request_view& view, const Match& match) {
    switch (piece.what) {
        case What::Text:
            return piece.text;
        case What::Group:
            return piece.number < match.path.size() ? match.path[piece.number] : std::string_view();
        case What::Named:
            return match.named[piece.number];
        case What::Path:
            return text(view.path);
        case What::Query:
            return text(view.query);
        case What::Host:
            return text(view.host);
        case What::Scheme:
            return scheme(view);
        case What::Method:
            return text(view.method);
        case What::Remote:
            return text(view.remote_address);
        case What::Mapped:
            return match.mapped;
    }
    return {};
}

std::string Template::plain(const tp_request_view& view, const Match& match) const {
    std::string result;
    for (const Piece& piece : pieces_) result += value(piece, view, match);
    return result;
}

std::string Template::target(const tp_request_view& view, const Match& match) const {
    std::string result;
    for (const Piece& piece : pieces_) {
        const std::string_view part = value(piece, view, match);
        const bool is_ready = piece.what == What::Text || piece.what == What::Query ||
                              piece.what == What::Mapped || piece.what == What::Host;
        if (is_ready)
            result += part;
        else if (placeOf(part, result) == Place::Path)
            support::appendPath(result, part);
        else
            support::appendSegment(result, part);
    }
    return result;
}

bool Template::names(std::string_view variable) const {
    return std::ranges::any_of(
        pieces_, [&](const Piece& piece) { return piece.what != What::Text && piece.text == variable; });
}

}  // namespace turnpike::rewrite
