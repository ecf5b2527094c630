// Options, DirectoryIndex, php_value and php_flag, SetEnv, SetEnvIf, and what has no effect here.
#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "parsing.h"
#include "sdk/support/lists.h"

namespace turnpike::rewrite::htaccess {
namespace {

// Of how lists look, of tags, connections and TLS variables, and of a limit that the site has anyhow: nothing is
// opened or closed by them.
constexpr std::string_view kWithoutEffect[] = {"addalt",           "addaltbyencoding",
                                               "addaltbytype",     "adddescription",
                                               "addicon",          "addiconbyencoding",
                                               "addiconbytype",    "addlanguage",
                                               "defaulticon",      "defaultlanguage",
                                               "enablemmap",       "enablesendfile",
                                               "fileetag",         "forcelanguagepriority",
                                               "headername",       "indexignore",
                                               "indexoptions",     "indexorderdefault",
                                               "indexstylesheet",  "languagepriority",
                                               "limitrequestbody", "readmename",
                                               "serversignature",  "ssloptions"};
// Of filters, of which those that compress are the plugin `compress`'s to choose.
constexpr std::string_view kOfFilters[] = {"addoutputfilter", "addoutputfilterbytype", "filterchain",
                                           "filterdeclare",   "filterprotocol",        "filterprovider",
                                           "setoutputfilter"};
constexpr std::string_view kCompressing[] = {"brotli_compress", "deflate", "none"};

/// The filter that a line names, several with ";" between them. The parts of a chain name none but their provider.
void checkFilters(const Line& line) {
    const bool is_provider = line.name == "filterprovider";
    if (line.name.starts_with("filter") && !is_provider) return;
    expectArguments(line, is_provider ? 3 : 1, 200);
    std::string_view rest = line.arguments[is_provider ? 1 : 0];
    while (!rest.empty()) {
        const std::string name = support::lowered(support::nextElement(rest, ';'));
        if (std::ranges::find(kCompressing, name) == std::end(kCompressing))
            throw notHere("the filter \"" + name + "\"",
                          "only those that compress are left to the plugin `compress`");
    }
}

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
    if (!isPhpSetting(name)) return;
    // It becomes a line of PHP's own ini language.
    if (value.find_first_of("\"\\$\n\r") != std::string::npos || value.find('\0') != std::string::npos)
        throw std::invalid_argument("the value may hold no quotes, backslashes or \"$\"");
    block.php.emplace_back(name, value);
}

/// Of a field or a variable, and no pattern for some.
bool isPlainName(std::string_view name) {
    auto isFine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !name.empty() && std::ranges::all_of(name, isFine);
}

/// As with "gzip-only-text/html": what no program can be told is for the files themselves.
std::string checkedVariable(const std::string& name) {
    if (name.empty() || !std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; }))
        throw std::invalid_argument("\"" + name + "\" is no name of a variable");
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

/// What SetEnvIf looks at: a name, or a pattern for names of fields.
void setSubject(VariableRule& rule, std::string name) {
    if (name.size() > 2 && name.front() == '^' && name.back() == '$' &&
        isPlainName(name.substr(1, name.size() - 2)))
        name = name.substr(1, name.size() - 2);
    if (isPlainName(name))
        rule.subject = name;
    else
        rule.field_names = parsePattern(name, true);
}

void parseSetEnvIf(const Line& line, Block& block) {
    const bool is_browser = line.name.starts_with("browsermatch");
    const size_t first = is_browser ? 0 : 1;
    expectArguments(line, first + 2, 100);
    VariableRule rule;
    rule.place = line.place();
    setSubject(rule, is_browser ? "User-Agent" : line.arguments[0]);
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
    } else if (line.name == "directoryslash") {
        block.adds_slash = parseSwitch(line);
    } else if (line.name == "fallbackresource") {
        expectArguments(line, 1, 1);
        const std::string& given = line.arguments[0];
        const bool is_off = support::lowered(given) == "disabled";
        if (!is_off && !given.starts_with('/')) throw std::invalid_argument("must begin with \"/\"");
        block.fallback = is_off ? "" : given;
    } else if (line.name == "acceptpathinfo") {
        // Programs take what follows their name, and files do not.
        if (line.arguments.size() != 1 || support::lowered(line.arguments[0]) == "off")
            throw notHere("\"AcceptPathInfo Off\"", "programs take what follows their name");
    } else if (std::ranges::find(kOfFilters, line.name) != std::end(kOfFilters)) {
        checkFilters(line);
    } else {
        return std::ranges::find(kWithoutEffect, line.name) != std::end(kWithoutEffect);
    }
    return true;
}

}  // namespace turnpike::rewrite::htaccess
