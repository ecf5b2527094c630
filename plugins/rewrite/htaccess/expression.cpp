#include "expression.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "parsing.h"
#include "sdk/support/lists.h"

namespace turnpike::rewrite::htaccess {
namespace {

using Kind = Condition::Kind;

constexpr unsigned kDeepest = 16, kMostTests = 100;
constexpr std::string_view kSpace = " \t\r\n";

struct Sign {
    std::string_view text;
    Kind kind;
    bool is_negated = false;
};
constexpr Sign kSigns[] = {{"==", Kind::Equal},         {"!=", Kind::Equal, true}, {"=~", Kind::Pattern},
                           {"!~", Kind::Pattern, true}, {"<=", Kind::LessOrEqual}, {">=", Kind::GreaterOrEqual},
                           {"=", Kind::Equal},          {"<", Kind::Less},         {">", Kind::Greater}};
// Functions that read a field or a variable, and how %{...} of a rule calls it.
constexpr std::pair<std::string_view, std::string_view> kFunctions[] = {
    {"env", "ENV:"}, {"http", "HTTP:"}, {"req", "HTTP:"}, {"reqenv", "ENV:"}, {"resp", "RESP:"}};

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

Expansion call(std::string_view function, std::string_view argument) {
    const std::string name = support::lowered(function);
    for (const auto& [known, prefix] : kFunctions)
        if (known == name && !argument.empty())
            return Expansion::ofVariable(std::string(prefix) + std::string(argument));
    throw std::invalid_argument("the function \"" + std::string(function) + "\" is not understood");
}

/// What stands in "%{...}".
Expansion variable(std::string_view given) {
    if (const size_t colon = given.find(':'); colon != std::string_view::npos)
        return call(given.substr(0, colon), given.substr(colon + 1));
    std::string name(given);
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
    if (!Subject::isVariable(name) && name != "CONTENT_TYPE")
        throw std::invalid_argument("there is no variable %{" + std::string(given) + "} here");
    return Expansion::ofVariable(name);
}

}  // namespace

class ExpressionReader {
 public:
    explicit ExpressionReader(std::string_view text) : rest_(text) {}

    Expression::Node all() {
        Expression::Node node = any();
        skipSpace();
        if (!rest_.empty()) throw misread();
        return node;
    }

 private:
    using Node = Expression::Node;

    /// Parts with `sign` between them.
    template <typename Part>
    Node joined(std::string_view sign, bool is_any, Part part) {
        Node node{.is_any = is_any};
        do node.parts.push_back(part());
        while (take(sign));
        return node.parts.size() == 1 ? Node(std::move(node.parts.front())) : node;
    }
    Node any() {
        return joined("||", true, [this] { return joined("&&", false, [this] { return one(); }); });
    }
    Node one() {
        if (++depth_ > kDeepest) throw std::invalid_argument("parts stand too deep in each other");
        Node node = take("!") ? Node{.parts = {one()}, .is_negated = true} : take("(") ? bracketed() : test();
        --depth_;
        return node;
    }
    Node bracketed() {
        Node node = any();
        if (!take(")")) throw std::invalid_argument("\"(\" is not closed");
        return node;
    }

    Node test() {
        if (++tests_ > kMostTests) throw std::invalid_argument("an expression may have 100 tests");
        skipSpace();
        if (rest_.starts_with('-')) return unary();
        if (takeName("true")) return {};
        if (takeName("false")) return {.is_any = true};
        Condition condition;
        condition.subject = word();
        if (takeName("in")) return oneOf(condition);
        for (const Sign& sign : kSigns) {
            if (!take(sign.text)) continue;
            condition.kind = sign.kind;
            condition.is_negated = sign.is_negated;
            if (sign.kind == Kind::Pattern)
                condition.pattern = pattern();
            else
                condition.value = word();
            return {.condition = std::move(condition)};
        }
        take("-");
        const std::string name = takeLetters();
        if (name == "ipmatch")
            setAddresses(condition);
        else if (isNumberTest(name))
            condition.kind = Kind::Number, condition.number = name, condition.value = word();
        else
            throw std::invalid_argument("the test \"" + name + "\" is not understood");
        return {.condition = std::move(condition)};
    }

    /// "-f WORD" and the like.
    Node unary() {
        take("-");
        const std::string name = takeLetters();
        Condition condition;
        if (name == "R") {
            condition.subject = Expansion::ofVariable("REMOTE_ADDR");
            setAddresses(condition);
        } else if (name == "n" || name == "z") {
            condition.kind = Kind::Equal;
            condition.is_negated = name == "n";
            condition.subject = word();
        } else if (const auto kind = diskTest(name)) {
            condition.kind = *kind;
            condition.subject = word();
        } else {
            throw std::invalid_argument("the test \"-" + name + "\" is not understood");
        }
        return {.condition = std::move(condition)};
    }

    /// "WORD in { 'a', 'b' }".
    Node oneOf(const Condition& condition) {
        if (!take("{")) throw misread();
        Node node = joined(",", true, [&] {
            Node part{.condition = condition};
            part.condition->kind = Kind::Equal;
            part.condition->value = word();
            return part;
        });
        if (!take("}")) throw std::invalid_argument("\"{\" is not closed");
        return node;
    }

    void setAddresses(Condition& condition) {
        const Expansion text = word();
        const auto& pieces = text.pieces();
        if (pieces.size() != 1 || pieces[0].what != Expansion::What::Text)
            throw std::invalid_argument("takes an address that stands there");
        condition.kind = Kind::Address;
        addAddress(condition.addresses, pieces[0].text);
    }

    /// Its pieces with "." between them.
    Expansion word() {
        Expansion result;
        do result.append(piece());
        while (take("."));
        return result;
    }
    Expansion piece() {
        skipSpace();
        if (rest_.empty()) throw std::invalid_argument("ends too early");
        const char first = rest_.front();
        if (first == '"' || first == '\'') return quoted();
        if (rest_.starts_with("%{")) return braced();
        const size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        if (digits > 0) return Expansion::ofText(cut(digits));
        const std::string name = takeLetters();
        if (name.empty()) throw misread();
        if (!take("(")) throw std::invalid_argument("\"" + name + "\" is not understood");
        const Expansion argument = piece();
        if (argument.pieces().size() != 1 || argument.pieces()[0].what != Expansion::What::Text || !take(")"))
            throw std::invalid_argument("the function \"" + name + "\" takes a name in quotes here");
        return call(name, argument.pieces()[0].text);
    }
    Expansion braced() {
        const size_t end = rest_.find('}');
        if (end == std::string_view::npos) throw std::invalid_argument("\"%{\" is not closed");
        const std::string_view whole = cut(end + 1);
        return variable(whole.substr(2, whole.size() - 3));
    }
    Expansion quoted() {
        const char quote = cut(1).front();
        Expansion result;
        while (!rest_.empty() && rest_.front() != quote) {
            if (rest_.starts_with("%{")) {
                result.append(braced());
                continue;
            }
            if (rest_.front() == '$' && rest_.size() > 1 && isDigit(rest_[1]))
                throw std::invalid_argument("groups of patterns are not understood here");
            if (rest_.front() == '\\' && rest_.size() > 1) cut(1);
            result.append(Expansion::ofText(cut(1)));
        }
        if (rest_.empty()) throw std::invalid_argument("a quote is not closed");
        cut(1);
        return result;
    }

    /// "/.../i", or "m" and any sign in the place of the slashes.
    Pattern pattern() {
        skipSpace();
        if (rest_.starts_with('m')) cut(1);
        if (rest_.empty() || isLetter(rest_.front())) throw misread();
        const char sign = cut(1).front();
        size_t end = 0;
        while (end < rest_.size() && rest_[end] != sign) end += rest_[end] == '\\' ? 2 : 1;
        if (end >= rest_.size()) throw std::invalid_argument("a pattern is not closed");
        const std::string_view text = cut(end);
        cut(1);
        const std::string flags = takeLetters();
        if (!flags.empty() && flags != "i")
            throw std::invalid_argument("the flags \"" + flags + "\" of a pattern are not understood: \"i\" is");
        return parsePattern(text, !flags.empty());
    }

    void skipSpace() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size())); }
    std::string_view cut(size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        return taken;
    }
    bool take(std::string_view sign) {
        skipSpace();
        if (!rest_.starts_with(sign)) return false;
        cut(sign.size());
        return true;
    }
    bool takeName(std::string_view name) {
        skipSpace();
        if (!rest_.starts_with(name) || (rest_.size() > name.size() && isLetter(rest_[name.size()]))) return false;
        cut(name.size());
        return true;
    }
    std::string takeLetters() {
        const auto end = std::ranges::find_if_not(rest_, isLetter);
        return std::string(cut(static_cast<size_t>(end - rest_.begin())));
    }
    std::invalid_argument misread() const {
        return std::invalid_argument("\"" + std::string(rest_) + "\" is not understood");
    }

    std::string_view rest_;
    unsigned depth_ = 0, tests_ = 0;
};

Expression::Expression(std::string_view text) : root_(ExpressionReader(text).all()) {}

Found Expression::ask(const Node& node, const Subject& subject, Effort& effort) {
    const Found found = askPlain(node, subject, effort);
    if (found == Found::TooMuch || !node.is_negated) return found;
    return found == Found::Yes ? Found::No : Found::Yes;
}

Found Expression::askPlain(const Node& node, const Subject& subject, Effort& effort) {
    if (node.condition) {
        std::string given;
        Captures captures;
        const Captures none;
        return htaccess::holds(*node.condition, subject, {none, none}, effort, given, captures);
    }
    for (const Node& part : node.parts) {
        const Found found = ask(part, subject, effort);
        if (found == Found::TooMuch || (found == Found::Yes) == node.is_any) return found;
    }
    return node.is_any ? Found::No : Found::Yes;
}

}  // namespace turnpike::rewrite::htaccess
