// AddType, AddEncoding, AddCharset, ForceType, AddDefaultCharset, and handlers: they turn programs off, never on.
#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "parsing.h"
#include "sdk/support/lists.h"

namespace turnpike::rewrite::htaccess {
namespace {

std::string ending(std::string_view given) {
    return support::lowered(given.starts_with('.') ? given.substr(1) : given);
}

// Handlers that answer themselves, whatever lies there.
constexpr std::string_view kAnswering[] = {"balancer-manager", "imap-file",     "ldap-status", "send-as-is",
                                           "server-info",      "server-status", "type-map"};

/// A handler or type for endings. No name becomes a program by it that is none by the server's config.
void takeScripts(Handler handler, const std::vector<std::string>& endings, Block& block) {
    for (const std::string& given : endings) {
        const std::string name = ending(given);
        const bool is_program = usualHandler(name).has_value();
        if (handler == Handler::Php && !is_program)
            throw notHere("that \"." + name + "\" is run", "give it a route in the server's config");
        if (is_program || handler == Handler::Cgi) block.scripts.by_ending[name] = handler;
    }
}

/// A section for names that are run anyway: <FilesMatch "\\.ph(p|tml)$">.
bool isForScripts(const Block& block) {
    return !block.files.empty() && block.files.back().pattern &&
           block.files.back().pattern->text().find(".ph") != std::string::npos;
}

void addEndings(std::map<std::string, std::string>& to, const Line& line) {
    expectArguments(line, 2, 200);
    for (size_t i = 1; i < line.arguments.size(); ++i) to[ending(line.arguments[i])] = line.arguments[0];
}

void checkType(const std::string& type) {
    const size_t slash = type.find('/');
    const bool is_visible = std::ranges::all_of(type, [](char c) { return c >= ' ' && c <= '~'; });
    if (slash == std::string::npos || slash == 0 || !is_visible)
        throw std::invalid_argument("\"" + type + "\" is no media type");
}

std::vector<std::string> rest(const Line& line) { return {line.arguments.begin() + 1, line.arguments.end()}; }

void parseType(const Line& line, Block& block) {
    expectArguments(line, 2, 200);
    const Handler handler = handlerNamed(line.arguments[0]).value_or(Handler::Off);
    takeScripts(handler, rest(line), block);
    if (handler != Handler::Off) return;
    checkType(line.arguments[0]);
    addEndings(block.types.types, line);
}

/// None: a name that Apache does not know either.
std::optional<Handler> knownHandler(const std::string& name) {
    const std::optional<Handler> handler = handlerNamed(name);
    const bool answers = std::ranges::find(kAnswering, support::lowered(name)) != std::end(kAnswering);
    if (!handler && (answers || name.find(':') != std::string::npos))
        throw notHere("the handler \"" + name + "\"", "give the files a route in the server's config");
    return handler;
}

/// A name that Apache does not know sends files as they are: Drupal turns scripts off by one.
void parseSetHandler(const Line& line, Block& block) {
    expectArguments(line, 1, 1);
    const std::string& name = line.arguments[0];
    const Handler handler = knownHandler(name).value_or(Handler::Off);
    if (handler == Handler::Off)
        block.scripts.all = false;
    else if (!isForScripts(block))
        throw notHere("the handler \"" + name + "\"", "give the files a route in the server's config");
}

void parseHandler(const Line& line, Block& block) {
    if (line.name == "sethandler") return parseSetHandler(line, block);
    const bool is_add = line.name == "addhandler";
    if (line.name == "removetype")
        for (const std::string& given : line.arguments) block.types.types[ending(given)].clear();
    expectArguments(line, is_add ? 2 : 1, 200);
    if (!is_add) return takeScripts(Handler::Off, line.arguments, block);
    takeScripts(knownHandler(line.arguments[0]).value_or(Handler::Off), rest(line), block);
}

}  // namespace

bool parseTypes(const Line& line, Block& block) {
    if (line.name == "addtype") {
        parseType(line, block);
    } else if (line.name == "addencoding") {
        addEndings(block.types.encodings, line);
    } else if (line.name == "addcharset") {
        addEndings(block.types.charsets, line);
    } else if (line.name == "adddefaultcharset") {
        expectArguments(line, 1, 1);
        const std::string given = support::lowered(line.arguments[0]);
        block.types.default_charset = given == "off" ? "" : given == "on" ? "iso-8859-1" : line.arguments[0];
    } else if (line.name == "forcetype") {
        expectArguments(line, 1, 1);
        if (handlerNamed(line.arguments[0]) == Handler::Off) block.scripts.all = false;
        if (support::lowered(line.arguments[0]) != "none") checkType(line.arguments[0]);
        block.types.forced = support::lowered(line.arguments[0]) == "none" ? "" : line.arguments[0];
    } else if (line.name == "addhandler" || line.name == "sethandler" || line.name == "removehandler" ||
               line.name == "removetype") {
        parseHandler(line, block);
    } else {
        return false;
    }
    return true;
}

}  // namespace turnpike::rewrite::htaccess
