#include "field_change.h"

#include "sdk/support/lists.h"

namespace turnpike::rewrite::htaccess {
namespace {

using Action = HeaderChange::Action;

Found isMeant(const HeaderChange& change, const Subject& subject, Effort& effort) {
    if (change.expression) return change.expression->holds(subject, effort);
    const bool is_set = subject.environment().contains(change.variable);
    return change.variable.empty() || is_set != change.is_negated ? Found::Yes : Found::No;
}

std::string expanded(const Expansion& expansion, const Captures& captures, const Subject& subject) {
    std::string result;
    for (const Expansion::Piece& piece : expansion.pieces()) {
        if (result.size() > Expansion::kLongest) break;
        if (piece.what == Expansion::What::Text) result += piece.text;
        if (piece.what == Expansion::What::Group) result += Expansion::group(captures, piece.number);
        if (piece.what != Expansion::What::Variable) continue;
        const auto found = subject.environment().find(piece.text.substr(4));  // behind "ENV:"
        result += found != subject.environment().end() ? found->second : "(null)";
    }
    return result;
}

Found edit(const HeaderChange& change, const Subject& subject, Effort& effort, std::vector<std::string>& values) {
    std::vector<std::string> edited = values;
    for (std::string& one : edited) {
        Captures captures;
        const Found found = change.pattern->find(one, captures, effort);
        if (found == Found::TooMuch) return found;
        if (found == Found::No) continue;
        const auto begin = static_cast<size_t>(captures[0].data() - one.data());
        one = one.substr(0, begin) + expanded(change.value, captures, subject) +
              one.substr(begin + captures[0].size());
    }
    values = std::move(edited);
    return values.empty() ? Found::No : Found::Yes;
}

}  // namespace

std::string joined(const std::vector<std::string>& values) {
    std::string result;
    for (const std::string& one : values) result += (result.empty() ? "" : ", ") + one;
    return result;
}

Found changeField(const HeaderChange& change, const Subject& subject, Effort& effort,
                  std::vector<std::string>& values) {
    if (const Found meant = isMeant(change, subject, effort); meant != Found::Yes) return meant;
    if (change.action == Action::Edit) return edit(change, subject, effort, values);
    const std::string given = expanded(change.value, {}, subject), before = joined(values);
    switch (change.action) {
        case Action::Unset:
            values.clear();
            break;
        case Action::SetIfEmpty:
            if (!values.empty()) return Found::No;
            [[fallthrough]];
        case Action::Set:
            values = {given};
            break;
        case Action::Add:
            values.push_back(given);
            break;
        case Action::Merge:
            for (std::string_view rest = before; !rest.empty();)
                if (support::nextElement(rest) == given) return Found::No;
            [[fallthrough]];
        default:
            values = {values.empty() ? given : before + ", " + given};
    }
    return Found::Yes;
}

}  // namespace turnpike::rewrite::htaccess
