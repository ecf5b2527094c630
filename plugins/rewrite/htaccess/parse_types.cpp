// AddType, AddEncoding, AddCharset, ForceType, AddDefaultCharset, and handlers, of which only "none" is honoured.
#include <algorithm>
#include <stdexcept>

#include "parsing.h"

namespace turnpike::rewrite::htaccess {
namespace {

std::string ending(std::string_view given) { return lower(given.starts_with('.') ? given.substr(1) : given); }

/// A script by its name, which is never sent as text here whatever a file says.
bool isScript(std::string_view name) {
    return name.starts_with("php") || name == "phtml" || name == "pht" || name == "phar" || name == "cgi" ||
           name == "pl" || name == "py" || name == "sh" || name == "fcgi";
}

bool isHandler(std::string_view type) {
    const std::string name = lower(type);
    return name.find("php") != std::string::npos || name == "cgi-script" || name == "server-parsed" ||
           name == "fcgid-script";
}

bool isTurnedOff(std::string_view handler) {
    const std::string name = lower(handler);
    return name == "none" || name == "default-handler" || name.starts_with("text/");
}

/// A type or handler for names: scripts stay what they are, other names do not become scripts.
void takeScripts(const std::string& type, const std::vector<std::string>& endings, Block& block) {
    for (const std::string& given : endings) {
        const std::string name = ending(given);
        if (isScript(name)) {
            if (isTurnedOff(type) || isHandler(type)) block.runs_scripts = isHandler(type);
        } else if (isHandler(type)) {
            throw notHere("that \"." + name + "\" is run", "give it a route in the server's config");
        }
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
    takeScripts(line.arguments[0], rest(line), block);
    if (isHandler(line.arguments[0])) return;
    checkType(line.arguments[0]);
    addEndings(block.types.types, line);
}

void parseHandler(const Line& line, Block& block) {
    if (line.name == "addhandler") {
        expectArguments(line, 2, 200);
        if (!isHandler(line.arguments[0]) && !isTurnedOff(line.arguments[0]))
            throw notHere("a handler \"" + line.arguments[0] + "\"",
                          "give the files a route in the server's config");
        return takeScripts(line.arguments[0], rest(line), block);
    }
    if (line.name == "removehandler" || line.name == "removetype") {
        expectArguments(line, 1, 200);
        for (const std::string& given : line.arguments)
            if (isScript(ending(given))) block.runs_scripts = false;
        return;
    }
    expectArguments(line, 1, 1);
    if (isHandler(line.arguments[0]) && isForScripts(block)) return;
    if (!isTurnedOff(line.arguments[0]))
        throw notHere("the handler \"" + line.arguments[0] + "\"",
                      "give the files a route in the server's config");
    block.runs_scripts = false;
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
        const std::string given = lower(line.arguments[0]);
        block.types.default_charset = given == "off" ? "" : given == "on" ? "iso-8859-1" : line.arguments[0];
    } else if (line.name == "forcetype") {
        expectArguments(line, 1, 1);
        if (isTurnedOff(line.arguments[0])) block.runs_scripts = false;
        if (lower(line.arguments[0]) != "none") checkType(line.arguments[0]);
        block.types.forced = lower(line.arguments[0]) == "none" ? "" : line.arguments[0];
    } else if (line.name == "addhandler" || line.name == "sethandler" || line.name == "removehandler" ||
               line.name == "removetype") {
        parseHandler(line, block);
    } else {
        return false;
    }
    return true;
}

}  // namespace turnpike::rewrite::htaccess
