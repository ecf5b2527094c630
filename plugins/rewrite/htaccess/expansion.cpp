#include "expansion.h"

#include <algorithm>
#include <stdexcept>

#include "lines.h"
#include "subject.h"

namespace turnpike::rewrite::htaccess {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void Expansion::addText(std::string_view text) {
    if (!pieces_.empty() && pieces_.back().what == What::Text)
        pieces_.back().text += text;
    else
        pieces_.push_back({What::Text, std::string(text)});
}

Expansion Expansion::ofRule(std::string_view text) {
    Expansion result;
    for (size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const char next = at + 1 < text.size() ? text[at + 1] : '\0';
        if (c == '\\' && next != '\0') {
            result.addText(text.substr(++at, 1));
        } else if ((c == '$' || c == '%') && isDigit(next)) {
            result.pieces_.push_back(
                {c == '$' ? What::Group : What::ConditionGroup, {}, static_cast<size_t>(next - '0')});
            ++at;
        } else if (c == '%' && next == '{') {
            const size_t end = text.find('}', at);
            if (end == std::string_view::npos) throw std::invalid_argument("\"%{\" is not closed");
            const std::string name(text.substr(at + 2, end - at - 2));
            if (!Subject::isVariable(name))
                throw std::invalid_argument("there is no variable %{" + name + "} here");
            result.pieces_.push_back({What::Variable, name});
            at = end;
        } else if (c == '$' && next == '{') {
            throw std::invalid_argument("maps (\"${...}\") belong in the server's config, see the plugin's `map`");
        } else {
            result.addText(text.substr(at, 1));
        }
    }
    return result;
}

Expansion Expansion::ofHeader(std::string_view text) {
    Expansion result;
    for (size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            result.addText(text.substr(at, 1));
        } else if (text.substr(at).starts_with("%%")) {
            result.addText("%");
            ++at;
        } else {
            const size_t end = text.find("}e", at);
            if (!text.substr(at).starts_with("%{") || end == std::string_view::npos)
                throw std::invalid_argument("of the formats only %% and %{NAME}e are understood");
            result.pieces_.push_back({What::Variable, "ENV:" + std::string(text.substr(at + 2, end - at - 2))});
            at = end + 1;
        }
    }
    return result;
}

Expansion Expansion::ofGroups(std::string_view text) {
    Expansion result;
    for (size_t at = 0; at < text.size(); ++at) {
        const char next = at + 1 < text.size() ? text[at + 1] : '\0';
        if (text[at] == '\\' && (next == '$' || next == '\\')) {
            result.addText(text.substr(++at, 1));
        } else if (text[at] == '$' && isDigit(next)) {
            result.pieces_.push_back({What::Group, {}, static_cast<size_t>(next - '0')});
            ++at;
        } else {
            result.addText(text.substr(at, 1));
        }
    }
    return result;
}

std::string Expansion::plain(const Subject& subject, const Groups& groups) const {
    std::string result;
    for (const Piece& piece : pieces_) {
        if (result.size() > kLongest) break;
        switch (piece.what) {
            case What::Text:
                result += piece.text;
                break;
            case What::Group:
                result += group(groups.rule, piece.number);
                break;
            case What::ConditionGroup:
                result += group(groups.condition, piece.number);
                break;
            case What::Variable:
                result += subject.variable(piece.text);
                break;
        }
    }
    result.resize(std::min(result.size(), kLongest));
    return result;
}

}  // namespace turnpike::rewrite::htaccess
