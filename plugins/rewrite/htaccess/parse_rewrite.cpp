// RewriteEngine, RewriteBase, RewriteOptions, RewriteCond, RewriteRule.
#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "parsing.h"
#include "sdk/support/lists.h"

namespace turnpike::rewrite::htaccess {
namespace {

using Kind = Condition::Kind;

/// "[L,R=301,E=A:b]" in its parts.
std::vector<std::pair<std::string, std::string>> parseFlags(const std::string& given) {
    if (!given.starts_with('[') || !given.ends_with(']'))
        throw std::invalid_argument("flags stand in brackets without spaces, or in quotes");
    std::vector<std::pair<std::string, std::string>> flags;
    std::string_view rest = std::string_view(given).substr(1, given.size() - 2);
    while (!rest.empty()) {
        std::string_view flag = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(flag.size() + 1, rest.size()));
        while (flag.starts_with(' ')) flag.remove_prefix(1);
        while (flag.ends_with(' ')) flag.remove_suffix(1);
        if (flag.empty()) continue;
        const size_t equals = flag.find('=');
        flags.emplace_back(support::lowered(flag.substr(0, equals)),
                           equals == std::string_view::npos ? "" : std::string(flag.substr(equals + 1)));
    }
    return flags;
}

void setRedirect(RewriteRule& rule, const std::string& value) {
    rule.status = value.empty() ? 302 : parseStatus(value);
    if (rule.status == 0) throw std::invalid_argument("R=" + value + " is no status");
    if (rule.status >= 400) rule.is_last = true;
}

void setVariable(RewriteRule& rule, const std::string& value) {
    const bool takes_away = value.starts_with('!');
    const size_t colon = value.find(':');
    const std::string name = takes_away ? value.substr(1) : value.substr(0, colon);
    if (name.empty()) throw std::invalid_argument("E names no variable");
    if (takes_away)
        rule.variables.emplace_back(name, std::nullopt);
    else
        rule.variables.emplace_back(
            name, Expansion::ofRule(colon == std::string::npos ? "" : std::string_view(value).substr(colon + 1)));
}

unsigned parseSkip(const std::string& value) {
    unsigned count = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
    if (error != std::errc() || end != value.data() + value.size() || count > 10'000)
        throw std::invalid_argument("S=" + value + " is no number of rules");
    return count;
}

struct RuleFlags {
    RewriteRule& rule;
    bool ignores_case = false;

    void take(const std::string& name, const std::string& value) {
        const auto is = [&name](std::string_view one, std::string_view other) {
            return name == one || name == other;
        };
        if (is("l", "last")) return static_cast<void>(rule.is_last = true);
        if (name == "end") return static_cast<void>(rule.is_last = rule.is_end = true);
        if (is("r", "redirect")) return setRedirect(rule, value);
        if (is("nc", "nocase")) return static_cast<void>(ignores_case = true);
        if (is("qsa", "qsappend")) return static_cast<void>(rule.appends_query = true);
        if (is("qsd", "qsdiscard")) return static_cast<void>(rule.drops_query = true);
        if (is("ne", "noescape")) return static_cast<void>(rule.is_raw = true);
        if (is("f", "forbidden")) return refuse(403);
        if (is("g", "gone")) return refuse(410);
        if (is("n", "next")) return static_cast<void>(rule.is_next = true);
        if (is("s", "skip")) return static_cast<void>(rule.skip = parseSkip(value));
        if (is("e", "env")) return setVariable(rule, value);
        if (is("c", "chain")) return static_cast<void>(rule.is_chained = true);
        if (is("t", "type")) return static_cast<void>(rule.type = value);
        if (name == "b") return static_cast<void>(rule.escapes_groups = true);
        // A path is passed through anyhow, path info is never doubled, and there are no subrequests.
        if (is("pt", "passthrough") || is("dpi", "discardpath") || is("ns", "nosubreq") || is("qsl", "qslast") ||
            name == "bnp" || name == "bne" || name.starts_with("unsafe"))
            return;
        if (is("p", "proxy")) throw notHere("the flag P", "use the plugin `proxy` in the server's config");
        throw std::invalid_argument("the flag \"" + name + "\" is not understood");
    }
    void refuse(unsigned status) const {
        rule.status = status;
        rule.is_last = true;
    }
};

void setComparison(Condition& condition, std::string_view given) {
    struct Sign {
        std::string_view text;
        Kind kind;
    };
    constexpr Sign kSigns[] = {{"<=", Kind::LessOrEqual},
                               {">=", Kind::GreaterOrEqual},
                               {"=", Kind::Equal},
                               {"<", Kind::Less},
                               {">", Kind::Greater}};
    for (const Sign& sign : kSigns) {
        if (!given.starts_with(sign.text)) continue;
        condition.kind = sign.kind;
        given.remove_prefix(sign.text.size());
        // ="" is the empty text, as Apache has it.
        condition.value = Expansion::ofRule(given == "\"\"" ? std::string_view() : given);
        return;
    }
    condition.pattern = parsePattern(given, condition.ignores_case);
}

/// True: `given` is "-f" or the like.
bool setTest(Condition& condition, const std::string& given) {
    if (!given.starts_with('-') || given.size() < 2) return false;
    if (isNumberTest(given.substr(1, 2))) {
        condition.kind = Kind::Number;
        condition.number = given.substr(1, 2);
        condition.value = Expansion::ofRule(given.substr(3));
        return true;
    }
    const auto kind = diskTest(given.substr(1));
    if (!kind && given.size() == 2)
        throw std::invalid_argument("the test \"" + given + "\" is not understood: -f, -d, -s and -l are");
    if (kind) condition.kind = *kind;
    return kind.has_value();
}

}  // namespace

bool RewriteParser::parse(const Line& line, Rewriting& to) {
    if (line.name == "rewriteengine") {
        to.is_on = parseSwitch(line);
    } else if (line.name == "rewritebase") {
        expectArguments(line, 1, 1);
        if (!line.arguments[0].starts_with('/')) throw std::invalid_argument("must begin with \"/\"");
        to.base = line.arguments[0].ends_with('/') ? line.arguments[0] : line.arguments[0] + "/";
    } else if (line.name == "rewriteoptions") {
        for (const std::string& given : line.arguments) {
            const std::string option = support::lowered(given);
            if (option == "inherit")
                to.inherits = true;
            else if (option == "allownoslash")
                to.takes_no_slash = true;
            else if (option != "ignorecontextinfo" && option != "ignoreinherit")
                throw std::invalid_argument("\"" + given + "\" is not understood");
        }
    } else if (line.name == "rewritecond") {
        parseCondition(line);
    } else if (line.name == "rewriterule") {
        parseRule(line, to);
    } else {
        return false;
    }
    to.is_set = true;
    return true;
}

void RewriteParser::finish() const {
    if (!conditions_.empty()) throw std::invalid_argument("RewriteCond: no RewriteRule follows");
}

void RewriteParser::parseCondition(const Line& line) {
    expectArguments(line, 2, 3);
    RewriteCondition condition;
    Condition& test = condition.test;
    if (line.arguments.size() == 3)
        for (const auto& [name, value] : parseFlags(line.arguments[2])) {
            if (name == "nc" || name == "nocase")
                test.ignores_case = true;
            else if (name == "or" || name == "ornext")
                condition.or_next = true;
            else if (name != "nv" && name != "novary")
                throw std::invalid_argument("the flag \"" + name + "\" is not understood");
        }
    std::string given = line.arguments[1];
    if (support::lowered(line.arguments[0]) == "expr") {
        condition.expression.emplace(given);
    } else {
        test.subject = Expansion::ofRule(line.arguments[0]);
        test.is_negated = given.starts_with('!');
        if (test.is_negated) given.erase(0, 1);
        if (!setTest(test, given)) setComparison(test, given);
    }
    conditions_.push_back(std::move(condition));
}

void RewriteParser::parseRule(const Line& line, Rewriting& to) {
    expectArguments(line, 2, 3);
    RewriteRule rule;
    rule.place = line.place();
    RuleFlags flags{rule};
    if (line.arguments.size() == 3)
        for (const auto& [name, value] : parseFlags(line.arguments[2])) flags.take(name, value);
    std::string pattern = line.arguments[0];
    rule.is_negated = pattern.starts_with('!');
    if (rule.is_negated) pattern.erase(0, 1);
    rule.pattern = parsePattern(pattern, flags.ignores_case);
    rule.is_pass = line.arguments[1] == "-";
    if (!rule.is_pass) rule.target = Expansion::ofRule(line.arguments[1]);
    rule.conditions = std::exchange(conditions_, {});
    to.rules.push_back(std::move(rule));
}

}  // namespace turnpike::rewrite::htaccess
