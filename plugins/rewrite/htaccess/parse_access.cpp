// Require, Order, Allow, Deny, Satisfy.
#include <algorithm>
#include <bit>
#include <charconv>
#include <stdexcept>

#include "parsing.h"
#include "sdk/support/lists.h"

namespace turnpike::rewrite::htaccess {
namespace {

using Kind = Requirement::Kind;

/// The bits of "255.255.0.0", empty when it is no mask.
std::string bitsOf(std::string_view mask) {
    uint32_t value = 0;
    for (int part = 0; part < 4; ++part) {
        const std::string_view digits = mask.substr(0, mask.find('.'));
        unsigned byte = 256;
        std::from_chars(digits.data(), digits.data() + digits.size(), byte);
        if (byte > 255 || (part < 3) != (digits.size() < mask.size())) return {};
        value = value << 8 | byte;
        mask.remove_prefix(std::min(digits.size() + 1, mask.size()));
    }
    const auto ones = static_cast<unsigned>(std::countl_one(value));
    return std::popcount(value) == static_cast<int>(ones) ? std::to_string(ones) : std::string();
}

/// Apache takes "10.1" and "10.1.0.0/255.255.0.0" as well.
std::string addressOf(const std::string& given) {
    const size_t slash = given.find('/');
    std::string host = given.substr(0, slash), bits = slash == std::string::npos ? "" : given.substr(slash + 1);
    if (host.find(':') != std::string::npos) return given;
    if (bits.find('.') != std::string::npos) bits = bitsOf(bits);
    if (slash != std::string::npos && bits.empty()) return given;
    if (host.ends_with('.')) host.pop_back();
    const auto dots = std::ranges::count(host, '.');
    if (host.find_first_not_of("0123456789.") != std::string::npos || host.empty() || dots > 3) return given;
    if (bits.empty() && dots < 3) bits = std::to_string(8 * (dots + 1));
    for (auto i = dots; i < 3; ++i) host += ".0";
    return bits.empty() ? host : host + "/" + bits;
}

/// A host's name is never looked up: the one whose addresses are known is understood, and the one that none has.
void addHost(support::Networks& to, const std::string& given) {
    const std::string name = support::lowered(given);
    if (name == "none") return;
    if (name != "localhost") return addAddress(to, given);
    addAddress(to, "127.0.0.1");
    addAddress(to, "::1");
}

void parseFrom(const Line& line, support::Networks& to, std::vector<std::string>& variables) {
    expectArguments(line, 2, 1000);
    if (support::lowered(line.arguments[0]) != "from") throw std::invalid_argument("\"from\" is missing");
    for (size_t i = 1; i < line.arguments.size(); ++i) {
        const std::string& item = line.arguments[i];
        if (support::lowered(item).starts_with("env="))
            variables.push_back(item.substr(4));
        else if (support::lowered(item) == "all")
            static_cast<void>(to.add("all"));
        else
            addHost(to, item);
    }
}

void parseOrder(const Line& line, Order& order) {
    std::string given;
    for (const std::string& argument : line.arguments) given += support::lowered(argument);
    if (given != "deny,allow" && given != "allow,deny" && given != "mutual-failure")
        throw std::invalid_argument("is \"allow,deny\" or \"deny,allow\"");
    order.allows_last = given == "deny,allow";
}

template <typename Add>
void addAll(support::Networks& to, const std::vector<std::string>& items, Add add) {
    if (items.empty()) throw std::invalid_argument("names no address");
    for (const std::string& item : items) add(to, item);
}

Requirement requirementOf(const std::string& what, const std::vector<std::string>& rest) {
    Requirement result;
    const std::string first = rest.empty() ? std::string() : support::lowered(rest[0]);
    if (what == "all" && rest.size() == 1 && (first == "granted" || first == "denied")) {
        result.kind = first == "granted" ? Kind::Granted : Kind::Denied;
    } else if (what == "ip") {
        result.kind = Kind::Address;
        addAll(result.addresses, rest, addAddress);
    } else if (what == "host") {
        result.kind = Kind::Address;
        addAll(result.addresses, rest, addHost);
    } else if (what == "local" && rest.empty()) {
        result.kind = Kind::Address;
        addAll(result.addresses, {"127.0.0.0/8", "::1"}, addAddress);
    } else if (what == "valid-user" && rest.empty()) {
        result.kind = Kind::User;
    } else if ((what == "user" || what == "method" || what == "env") && !rest.empty()) {
        result.kind = what == "user" ? Kind::User : what == "method" ? Kind::Method : Kind::Variable;
        result.names = rest;
    } else {
        throw std::invalid_argument("\"" + what + " " + first +
                                    "\" is not understood: all granted, all denied, ip, local, host localhost, "
                                    "valid-user, user, method, env and expr are");
    }
    return result;
}

}  // namespace

void addAddress(support::Networks& to, const std::string& given) {
    if (const std::string wrong = to.add(addressOf(given)); !wrong.empty())
        throw std::invalid_argument(wrong + "; names of hosts cannot be asked for");
}

Requirement parseRequire(const Line& line) {
    const std::vector<std::string>& arguments = line.arguments;
    size_t at = 0;
    const bool is_negated = !arguments.empty() && support::lowered(arguments[0]) == "not";
    if (is_negated) ++at;
    if (at >= arguments.size()) throw std::invalid_argument("asks for nothing");
    const std::string what = support::lowered(arguments[at]);
    const std::vector<std::string> rest(arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end());
    Requirement result;
    if (what == "expr" && !rest.empty()) {
        // In quotes, or all that is left of the line, in which quotes are the expression's own.
        result.kind = Kind::Expression;
        result.expression.emplace(
            rest.size() == 1 ? std::string_view(rest[0])
                             : std::string_view(line.rest).substr(support::lowered(line.rest).find("expr") + 4));
    } else {
        result = requirementOf(what, rest);
    }
    result.is_negated = is_negated;
    return result;
}

bool parseAccess(const Line& line, Block& block) {
    const auto order = [&block]() -> Order& { return block.order ? *block.order : block.order.emplace(); };
    if (line.name == "order") {
        parseOrder(line, order());
    } else if (line.name == "allow") {
        parseFrom(line, order().allow, order().allow_variables);
    } else if (line.name == "deny") {
        parseFrom(line, order().deny, order().deny_variables);
    } else if (line.name == "satisfy") {
        expectArguments(line, 1, 1);
        const std::string how = support::lowered(line.arguments[0]);
        if (how != "any" && how != "all") throw std::invalid_argument("is \"any\" or \"all\"");
        block.is_one_enough = how == "any";
    } else if (line.name == "sslrequiressl") {
        expectArguments(line, 0, 0);
        block.needs_tls = true;
    } else if (line.name.starts_with("auth")) {
        throw notHere("a password",
                      "guard the path with the plugin `access` in the server's config, which `Require valid-user` "
                      "then believes");
    } else {
        return false;
    }
    return true;
}

}  // namespace turnpike::rewrite::htaccess
