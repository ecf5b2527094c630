#include "target.h"

#include <algorithm>

#include "sdk/support/escape.h"

namespace turnpike::rewrite::htaccess {
namespace {

/// RFC 3986 section 3.3: pchar and "/", without "%".
bool isOfPath(char c) {
    constexpr std::string_view kOthers = "-._~!$&'()*+,;=:@/";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
}

/// What a query cannot hold as it is. "&" and "=" stay: who does not want that has the flag B.
void appendToQuery(std::string& to, std::string_view part) {
    for (char c : part) {
        if (isOfPath(c) || c == '?')
            to += c;
        else
            support::appendSegment(to, {&c, 1});
    }
}

/// Text of the file's: the first "?" ends the path.
void appendText(Target& to, std::string_view part) {
    if (to.has_query) return static_cast<void>(to.query += part);
    const size_t question = part.find('?');
    to.path += part.substr(0, question);
    if (question == std::string_view::npos) return;
    to.has_query = true;
    to.query = part.substr(question + 1);
}

}  // namespace

Target expandTarget(const Expansion& expansion, const Subject& subject, const Expansion::Groups& groups,
                    bool escapes_groups) {
    Target target;
    for (const Expansion::Piece& piece : expansion.pieces()) {
        if (target.path.size() + target.query.size() > Expansion::kLongest) break;
        if (piece.what == Expansion::What::Text) {
            appendText(target, piece.text);
            continue;
        }
        const bool is_variable = piece.what == Expansion::What::Variable;
        std::string part =
            is_variable
                ? subject.variable(piece.text)
                : std::string(Expansion::group(
                      piece.what == Expansion::What::Group ? groups.rule : groups.condition, piece.number));
        if (!target.has_query)
            target.path += part;
        else if (is_variable && piece.text == "QUERY_STRING")
            target.query += part;
        else if (escapes_groups && !is_variable)
            support::appendSegment(target.query, part);
        else
            appendToQuery(target.query, part);
    }
    return target;
}

bool isUrl(std::string_view target) { return target.starts_with("http://") || target.starts_with("https://"); }

std::string onThisHost(std::string_view path) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    return "/" + std::string(path);
}

std::string encoded(std::string_view path, bool is_raw) {
    std::string result;
    for (char c : path) {
        const bool stays = isOfPath(c) || (is_raw && (c == '%' || c == '#' || c == '?'));
        if (stays)
            result += c;
        else
            support::appendSegment(result, {&c, 1});
    }
    return result;
}

}  // namespace turnpike::rewrite::htaccess
