#include "users.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "password.h"
#include "sdk/support/keyed_hash.h"
#include "sdk/support/lists.h"

namespace turnpike::access {
namespace {

// It becomes a variable of programs and a word of the log.
bool isName(std::string_view name) {
    return !name.empty() && name.size() <= 255 &&
           std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

}  // namespace

Users::Users(const std::string& path, std::string_view content) {
    size_t number = 0;
    const auto refuse = [&](const std::string& why) {
        throw std::invalid_argument(path + ":" + std::to_string(number) + ": " + why);
    };
    const auto refuseUser = [&](const std::string& name, const std::string& why) {
        refuse("\"" + name + "\"" + why);
    };
    while (!content.empty()) {
        ++number;
        std::string_view line = support::nextElement(content, '\n');
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        const size_t colon = line.find(':');
        if (colon == std::string_view::npos) refuse("no colon: a line is NAME:HASH");
        const std::string name(line.substr(0, colon));
        if (!isName(name)) refuse("the name is empty, too long or holds control characters");
        line.remove_prefix(colon + 1);
        const std::string hash(support::nextElement(line, ':'));  // what follows is a comment
        if (const std::string wrong = whatIsWrong(hash); !wrong.empty()) refuseUser(name, ": " + wrong);
        if (!hashes_.emplace(name, hash).second) refuseUser(name, " was there before");
    }
    if (hashes_.empty()) throw std::invalid_argument(path + ": names nobody");
}

Users::Lookup Users::find(std::string_view name) const {
    if (const auto found = hashes_.find(name); found != hashes_.end()) return {found->second, true};
    // Keyed with what nobody knows who cannot read the file, and the same in every worker: were it not, a name
    // whose time changes from worker to worker would be one that nobody has.
    const std::string_view secret = hashes_.begin()->second;
    const support::HashKey key{support::keyedHash({0, 0}, secret), support::keyedHash({0, 1}, secret)};
    const auto place = static_cast<std::ptrdiff_t>(support::keyedHash(key, name) % hashes_.size());
    return {std::next(hashes_.begin(), place)->second, false};
}

}  // namespace turnpike::access
