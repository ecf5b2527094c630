// Redirect, RedirectPermanent, RedirectTemp, RedirectMatch, ErrorDocument.
#include <charconv>
#include <stdexcept>

#include "parsing.h"
#include "sdk/support/lists.h"
#include "target.h"

namespace turnpike::rewrite::htaccess {
namespace {

void checkTarget(const std::string& target) {
    for (char c : target)
        if (c <= ' ' || c > '~') throw std::invalid_argument("the target may hold visible ASCII characters only");
}

void parseRedirect(const Line& line, Block& block) {
    std::vector<std::string> words = line.arguments;
    Redirection redirection{302, {}, std::nullopt, {}, line.place()};
    if (line.name == "redirectpermanent") redirection.status = 301;
    if (line.name == "redirect" || line.name == "redirectmatch") {
        if (words.empty()) throw std::invalid_argument("has no arguments");
        if (const unsigned status = parseStatus(words[0]); status != 0) {
            redirection.status = status;
            words.erase(words.begin());
        }
    }
    const bool has_target = redirection.status >= 300 && redirection.status < 400;
    if (words.size() != (has_target ? 2u : 1u))
        throw std::invalid_argument(has_target ? "needs a path and where it leads" : "takes a path only");
    if (line.name == "redirectmatch") {
        redirection.pattern = parsePattern(words[0]);
    } else {
        if (!words[0].starts_with('/')) throw std::invalid_argument("the path must begin with \"/\"");
        redirection.prefix = words[0];
    }
    if (has_target) {
        checkTarget(words[1]);
        if (!words[1].starts_with('/') && !isUrl(words[1]))
            throw std::invalid_argument("the target must begin with \"/\" or \"http\"");
        redirection.target = redirection.pattern ? Expansion::ofGroups(words[1]) : Expansion::ofText(words[1]);
    }
    block.redirections.push_back(std::move(redirection));
}

/// A path of the site. Text and other hosts are answered by the server's own page instead: no file is opened by
/// it.
void parseErrorDocument(const Line& line, Block& block) {
    expectArguments(line, 2, 100);
    unsigned status = 0;
    const std::string& given = line.arguments[0];
    auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), status);
    if (error != std::errc() || end != given.data() + given.size() || status < 400 || status > 599)
        throw std::invalid_argument("\"" + given + "\" is no status from 400 to 599");
    const std::string& page = line.arguments[1];
    const bool is_path = page.starts_with('/') && line.arguments.size() == 2;
    if (is_path) checkTarget(page);
    block.error_pages.emplace_back(status, is_path ? page : "");
}

}  // namespace

unsigned parseStatus(std::string_view text) {
    const std::string word = support::lowered(text);
    if (word == "permanent") return 301;
    if (word == "temp") return 302;
    if (word == "seeother") return 303;
    if (word == "gone") return 410;
    unsigned status = 0;
    auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), status);
    const bool is_number = error == std::errc() && end == word.data() + word.size() && word.size() == 3;
    if (!is_number) return 0;
    const bool is_redirect = (status >= 301 && status <= 303) || status == 307 || status == 308;
    if (!is_redirect && (status < 400 || status > 599))
        throw std::invalid_argument("status " + word + " cannot be sent by a rule");
    return status;
}

bool parseRedirects(const Line& line, Block& block) {
    if (line.name == "redirect" || line.name == "redirectmatch" || line.name == "redirectpermanent" ||
        line.name == "redirecttemp")
        parseRedirect(line, block);
    else if (line.name == "errordocument")
        parseErrorDocument(line, block);
    else
        return false;
    return true;
}

}  // namespace turnpike::rewrite::htaccess
