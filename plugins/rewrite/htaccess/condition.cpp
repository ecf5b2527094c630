#include "condition.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "sdk/support/lists.h"

namespace turnpike::rewrite::htaccess {
namespace {

using Kind = Condition::Kind;

constexpr unsigned kEffortOfATest = 20;  // most of them look at the disk

int64_t numberOf(std::string_view text) {
    int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool comparesAs(const std::string& name, int64_t a, int64_t b) {
    if (name == "eq") return a == b;
    if (name == "ne") return a != b;
    if (name == "lt") return a < b;
    if (name == "gt") return a > b;
    return name == "le" ? a <= b : a >= b;
}

bool compares(const Condition& condition, const Subject& subject, const Expansion::Groups& groups,
              std::string given) {
    uint64_t size = 0;
    if (condition.kind == Kind::File) return subject.typeOf(given) == TP_FILE_REGULAR;
    if (condition.kind == Kind::Folder) return subject.typeOf(given) == TP_FILE_DIRECTORY;
    if (condition.kind == Kind::Filled) return subject.typeOf(given, &size) == TP_FILE_REGULAR && size > 0;
    if (condition.kind == Kind::Link) return subject.isLink(given);
    if (condition.kind == Kind::Address) return condition.addresses.contains(given);
    std::string value = condition.value.plain(subject, groups);
    if (condition.kind == Kind::Number) return comparesAs(condition.number, numberOf(given), numberOf(value));
    if (condition.ignores_case) {
        given = support::lowered(given);
        value = support::lowered(value);
    }
    switch (condition.kind) {
        case Kind::Equal:
            return given == value;
        case Kind::Less:
            return given < value;
        case Kind::Greater:
            return given > value;
        case Kind::LessOrEqual:
            return given <= value;
        default:
            return given >= value;
    }
}

}  // namespace

std::optional<Kind> diskTest(std::string_view letter) {
    constexpr std::pair<std::string_view, Kind> kTests[] = {{"f", Kind::File},   {"d", Kind::Folder},
                                                            {"s", Kind::Filled}, {"l", Kind::Link},
                                                            {"L", Kind::Link},   {"h", Kind::Link}};
    for (const auto& [name, kind] : kTests)
        if (name == letter) return kind;
    return std::nullopt;
}

bool isNumberTest(std::string_view name) {
    constexpr std::string_view kNumbers[] = {"eq", "ne", "lt", "gt", "le", "ge"};
    return std::ranges::find(kNumbers, name) != std::end(kNumbers);
}

Found holds(const Condition& condition, const Subject& subject, const Expansion::Groups& groups, Effort& effort,
            std::string& given, Captures& captures) {
    given = condition.subject.plain(subject, groups);
    bool is_so = false;
    if (condition.kind == Kind::Pattern) {
        const Found found = condition.pattern->find(given, captures, effort);
        if (found == Found::TooMuch) return found;
        is_so = found == Found::Yes;
    } else {
        if (!effort.take(kEffortOfATest)) return Found::TooMuch;
        is_so = compares(condition, subject, groups, given);
    }
    return is_so != condition.is_negated ? Found::Yes : Found::No;
}

}  // namespace turnpike::rewrite::htaccess
