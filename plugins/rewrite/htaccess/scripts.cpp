#include "scripts.h"

#include <algorithm>
#include <iterator>

#include "lines.h"
#include "sdk/support/lists.h"

namespace turnpike::rewrite::htaccess {
namespace {

template <size_t N>
bool isIn(const std::string_view (&list)[N], std::string_view name) {
    return std::ranges::find(list, name) != std::end(list);
}

}  // namespace

std::optional<Handler> usualHandler(std::string_view ending) {
    constexpr std::string_view kPhp[] = {"phtml", "pht", "phar", "phps"};
    constexpr std::string_view kCgi[] = {"cgi", "fcgi", "lua", "pl", "py", "rb", "sh"};
    const bool is_version =
        ending.starts_with("php") && ending.find_first_not_of("0123456789", 3) == std::string_view::npos;
    if (is_version || isIn(kPhp, ending)) return Handler::Php;
    if (isIn(kCgi, ending)) return Handler::Cgi;
    return std::nullopt;
}

bool isProgram(std::string_view name) {
    support::nextElement(name, '.');
    while (!name.empty())
        if (usualHandler(support::lowered(support::nextElement(name, '.')))) return true;
    return false;
}

std::optional<Handler> handlerNamed(std::string_view given) {
    const std::string name = support::lowered(given);
    if (name == "none" || name == "default-handler" || name.starts_with("text/")) return Handler::Off;
    if (name == "cgi-script" || name == "fcgid-script" || name == "application/x-httpd-cgi") return Handler::Cgi;
    // "proxy:unix:...|fcgi://..." is how Apache reaches PHP-FPM.
    if (name.find("php") != std::string::npos || name.find("fcgi:") != std::string::npos) return Handler::Php;
    return std::nullopt;
}

void Scripts::add(const Scripts& later) {
    if (later.all) all = later.all;
    if (later.php) php = later.php;
    if (later.cgi) cgi = later.cgi;
    for (const auto& [ending, handler] : later.by_ending) by_ending[ending] = handler;
}

std::string Scripts::refusal(std::string_view name) const {
    support::nextElement(name, '.');
    while (!name.empty()) {
        const std::string ending = support::lowered(support::nextElement(name, '.'));
        const std::optional<Handler> usual = usualHandler(ending);
        const auto said = by_ending.find(ending);
        if (!usual && said == by_ending.end()) continue;
        const Handler handler = said != by_ending.end() ? said->second : *usual;
        if (handler == Handler::Off || !all.value_or(true)) return "scripts are turned off";
        if (handler == Handler::Php && !php.value_or(true)) return "php_flag engine off";
        if (handler == Handler::Cgi && !cgi.value_or(true)) return "Options -ExecCGI";
        // It would be run by another program than the one that the server's config binds to such names.
        if (handler == Handler::Cgi && usual != Handler::Cgi) return "cgi-script for \"." + ending + "\"";
    }
    return {};
}

}  // namespace turnpike::rewrite::htaccess
