// Options, DirectoryIndex, php_value and php_flag, SetEnv, SetEnvIf, and what has no effect here.
#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "parsing.h"
#include "sdk/support/lists.h"

namespace turnpike::rewrite::htaccess {
namespace {

// Of how lists look, and of tags and connections: nothing is opened or closed by them.
constexpr std::string_view kWithoutEffect[] = {
    "addalt",       "addaltbyencoding",      "addaltbytype",    "adddescription",
    "addicon",      "addiconbyencoding",     "addiconbytype",   "addlanguage",
    "defaulticon",  "defaultlanguage",       "enablemmap",      "enablesendfile",
    "fileetag",     "forcelanguagepriority", "headername",      "indexignore",
    "indexoptions", "indexorderdefault",     "indexstylesheet", "languagepriority",
    "readmename",   "serversignature"};

void parseOption(const std::string& given, Block& block) {
    const bool is_off = given.starts_with('-');
    const std::string name = support::lowered(given.substr(is_off || given.starts_with('+') ? 1 : 0));
    if (name == "indexes") {
        block.lists = !is_off;
    } else if (name == "all" || name == "none") {
        block.lists = block.scripts.cgi = (name == "all") != is_off;
    } else if (name == "execcgi") {
        block.scripts.cgi = !is_off;
    } else if (name == "followsymlinks" || name == "symlinksifownermatch") {
        if (is_off && name == "followsymlinks")
            throw notHere("\"-FollowSymLinks\"", "set links = \"deny\" for the site in the server's config");
    } else if (name == "includes" || name == "includesnoexec") {
        if (!is_off) throw notHere("\"Includes\"", "there are no server-side includes");
    } else if (name != "multiviews") {
        throw std::invalid_argument("\"" + given + "\" is not understood");
    }
}

/// Options without "+" and "-" are all that hold: those that are not named are off.
void parseOptions(const Line& line, Block& block) {
    expectArguments(line, 1, 20);
    const bool is_change = line.arguments[0].starts_with('+') || line.arguments[0].starts_with('-');
    if (!is_change) block.lists = false;
    for (const std::string& given : line.arguments) parseOption(given, block);
}

void parsePhp(const Line& line, Block& block) {
    expectArguments(line, 2, 2);
    const std::string name = support::lowered(line.arguments[0]);
    std::string value = line.arguments[1];
    const bool is_flag = line.name == "php_flag";
    if (is_flag) {
        const std::string word = support::lowered(value);
        const bool is_on = word == "on" || word == "1" || word == "yes" || word == "true";
        if (!is_on && word != "off" && word != "0" && word != "no" && word != "false")
            throw std::invalid_argument("\"" + value + "\" is not \"on\" or \"off\"");
        value = is_on ? "1" : "0";
    }
    if (name == "engine") {
        block.scripts.php = value != "0" && support::lowered(value) != "off";
        return;
    }
    checkPhpName(name);
    // It becomes a line of PHP's own ini language.
    if (value.find_first_of("\"\\$\n\r") != std::string::npos || value.find('\0') != std::string::npos)
        throw std::invalid_argument("the value may hold no quotes, backslashes or \"$\"");
    block.php.emplace_back(name, value);
}

bool isVariable(std::string_view name) {
    auto isFine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !name.empty() && std::ranges::all_of(name, isFine);
}

std::string checkedVariable(const std::string& name) {
    if (!isVariable(name)) throw std::invalid_argument("\"" + name + "\" is no name of a variable");
    return name;
}

void parseSetEnv(const Line& line, Block& block) {
    VariableRule rule;
    if (line.name == "setenv") {
        expectArguments(line, 1, 2);
        rule.sets.emplace_back(checkedVariable(line.arguments[0]),
                               Expansion::ofText(line.arguments.size() == 2 ? line.arguments[1] : ""));
    } else {
        expectArguments(line, 1, 100);
        for (const std::string& name : line.arguments) rule.sets.emplace_back(checkedVariable(name), std::nullopt);
    }
    block.variables.push_back(std::move(rule));
}

/// The name that SetEnvIf looks at. As a pattern only "^Name$" is understood.
std::string subjectOf(std::string name) {
    if (name.size() > 2 && name.front() == '^' && name.back() == '$') name = name.substr(1, name.size() - 2);
    return checkedVariable(name);
}

void parseSetEnvIf(const Line& line, Block& block) {
    const bool is_browser = line.name.starts_with("browsermatch");
    const size_t first = is_browser ? 0 : 1;
    expectArguments(line, first + 2, 100);
    VariableRule rule;
    rule.place = line.place();
    rule.subject = is_browser ? "User-Agent" : subjectOf(line.arguments[0]);
    rule.pattern = parsePattern(line.arguments[first], line.name.ends_with("nocase"));
    for (size_t i = first + 1; i < line.arguments.size(); ++i) {
        const std::string& given = line.arguments[i];
        const size_t equals = given.find('=');
        if (given.starts_with('!'))
            rule.sets.emplace_back(checkedVariable(given.substr(1)), std::nullopt);
        else
            rule.sets.emplace_back(
                checkedVariable(given.substr(0, equals)),
                Expansion::ofGroups(equals == std::string::npos ? "1" : given.substr(equals + 1)));
    }
    block.variables.push_back(std::move(rule));
}

void parseIndex(const Line& line, Block& block) {
    expectArguments(line, 1, 50);
    if (line.arguments.size() == 1 && support::lowered(line.arguments[0]) == "disabled") {
        block.index.emplace();
        return;
    }
    for (const std::string& name : line.arguments)
        if (name.empty() || name.find("..") != std::string::npos)
            throw std::invalid_argument("\"" + name + "\" is no name of a file");
    block.index = line.arguments;
}

}  // namespace

bool parseOthers(const Line& line, Block& block) {
    if (line.name == "options") {
        parseOptions(line, block);
    } else if (line.name == "directoryindex") {
        parseIndex(line, block);
    } else if (line.name == "php_value" || line.name == "php_flag") {
        parsePhp(line, block);
    } else if (line.name == "setenv" || line.name == "unsetenv") {
        parseSetEnv(line, block);
    } else if (line.name == "setenvif" || line.name == "setenvifnocase" || line.name == "browsermatch" ||
               line.name == "browsermatchnocase") {
        parseSetEnvIf(line, block);
    } else if (line.name == "cgipassauth") {
        if (parseSwitch(line)) {
            VariableRule rule;
            rule.place = line.place();
            rule.subject = "Authorization";
            rule.pattern = parsePattern(".");
            rule.sets.emplace_back("HTTP_AUTHORIZATION", Expansion::ofRule("%{HTTP:Authorization}"));
            block.variables.push_back(std::move(rule));
        }
    } else {
        return std::ranges::find(kWithoutEffect, line.name) != std::end(kWithoutEffect);
    }
    return true;
}

}  // namespace turnpike::rewrite::htaccess
