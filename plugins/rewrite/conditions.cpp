#include "conditions.h"

#include <algorithm>
#include <stdexcept>

#include "request_facts.h"
#include "sdk/support/lists.h"

namespace turnpike::rewrite {
namespace {

Test makeTest(const char* key, std::string_view given) {
    const bool is_negated = given.starts_with('!');
    if (is_negated) given.remove_prefix(1);
    if (given.empty()) throw Refused(key, "an empty pattern matches everything");
    try {
        // Only of the path is it known that it is valid UTF-8.
        const bool is_path = std::string_view(key) == "path";
        // Names of hosts have no case (RFC 9110 section 4.2.3); the host tells them in lower case.
        const bool is_host = std::string_view(key) == "host";
        return {Pattern(given, {.ignores_case = is_host, .is_utf = is_path}), is_negated};
    } catch (const std::invalid_argument& wrong) {
        throw Refused(key, "\"" + std::string(given) + "\": " + wrong.what());
    }
}

std::vector<std::string> readList(const tp_host& host, const tp_setup& setup, const char* key) {
    const tp_str* items = nullptr;
    const size_t count = host.config_list(&setup, key, &items);
    std::vector<std::string> list;
    for (size_t i = 0; i < count; ++i) list.emplace_back(text(items[i]));
    return list;
}

std::string readScheme(const tp_host& host, const tp_setup& setup) {
    std::string scheme(text(host.config_string(&setup, "scheme")));
    if (!scheme.empty() && scheme != "http" && scheme != "https")
        throw Refused("scheme", "must be \"http\" or \"https\", not \"" + scheme + "\"");
    return scheme;
}

support::Networks readNetworks(const tp_host& host, const tp_setup& setup) {
    support::Networks networks;
    for (const std::string& item : readList(host, setup, "remote"))
        if (const std::string wrong = networks.add(item); !wrong.empty()) throw Refused("remote", wrong);
    return networks;
}

std::vector<Template> readPaths(const tp_host& host, const tp_setup& setup, const char* key, size_t groups,
                                const Names& names, bool has_map) {
    std::vector<Template> paths;
    for (const std::string& item : readList(host, setup, key)) {
        if (!item.starts_with('/') && !item.starts_with('$'))
            throw Refused(key, "\"" + item + "\" must begin with \"/\" or a variable such as \"$path\"");
        try {
            paths.emplace_back(item, groups, names, has_map);
        } catch (const std::invalid_argument& wrong) {
            throw Refused(key, wrong.what());
        }
    }
    return paths;
}

}  // namespace

Conditions::Conditions(const tp_host& host, const tp_setup& setup)
    : path_(readTest(host, setup, "path")),
      host_(readTest(host, setup, "host")),
      query_(readTest(host, setup, "query")),
      headers_(readTests(host, setup, "headers")),
      cookies_(readTests(host, setup, "cookies")),
      methods_(readList(host, setup, "methods")),
      scheme_(readScheme(host, setup)),
      remote_(readNetworks(host, setup)) {
    for (auto& [name, test] : headers_) name = support::lowered(name);
}

void Conditions::readFiles(const tp_host& host, const tp_setup& setup, bool has_map) {
    exists_ = readPaths(host, setup, "exists", groups(), names_, has_map);
    missing_ = readPaths(host, setup, "missing", groups(), names_, has_map);
}

std::optional<Test> Conditions::readTest(const tp_host& host, const tp_setup& setup, const char* key) {
    const std::string_view given = text(host.config_string(&setup, key));
    if (given.empty() && host.config_is_set(&setup, key) == 0) return std::nullopt;
    Test test = makeTest(key, given);
    keepNames(key, test);
    return test;
}

std::vector<Conditions::NamedTest> Conditions::readTests(const tp_host& host, const tp_setup& setup,
                                                         const char* key) {
    const tp_field* items = nullptr;
    const size_t count = host.config_map(&setup, key, &items);
    std::vector<NamedTest> tests;
    for (size_t i = 0; i < count; ++i) {
        tests.emplace_back(text(items[i].name), makeTest(key, text(items[i].value)));
        keepNames(key, tests.back().second);
    }
    return tests;
}

void Conditions::keepNames(const char* key, const Test& test) {
    if (test.is_negated) return;
    for (const auto& [name, number] : test.pattern.names()) {
        if (std::ranges::count(names_, name) != 0)
            throw Refused(key, "a group is named \"" + name + "\" by another pattern of this rule, too");
        names_.push_back(name);
    }
}

bool Conditions::isEmpty() const {
    return !path_ && !host_ && !query_ && headers_.empty() && cookies_.empty() && methods_.empty() &&
           scheme_.empty() && remote_.isEmpty() && exists_.empty() && missing_.empty();
}

Found Conditions::holdsFor(const Test& test, std::string_view subject, Captures& captures, Match& match) const {
    const Found found = test.pattern.find(subject, captures);
    if (found == Found::TooMuch) return found;
    if (test.is_negated) return found == Found::Yes ? Found::No : Found::Yes;
    if (found == Found::Yes)
        for (const auto& [name, number] : test.pattern.names())
            match.named[static_cast<size_t>(std::ranges::find(names_, name) - names_.begin())] = captures[number];
    return found;
}

bool Conditions::isOfRequest(const tp_request_view& view) const {
    if (!methods_.empty() && std::ranges::count(methods_, text(view.method)) == 0) return false;
    if (!scheme_.empty() && scheme(view) != scheme_) return false;
    return remote_.isEmpty() || remote_.contains(text(view.remote_address));
}

Found Conditions::holdsForFields(const tp_request_view& view, Captures& captures, Match& match) const {
    for (const auto& [name, test] : headers_)
        if (const Found found = holdsFor(test, field(view, name), captures, match); found != Found::Yes)
            return found;
    for (const auto& [name, test] : cookies_)
        if (const Found found = holdsFor(test, cookie(view, name), captures, match); found != Found::Yes)
            return found;
    return Found::Yes;
}

Found Conditions::hold(const tp_request_view& view, Match& match) const {
    if (!isOfRequest(view)) return Found::No;
    match.named.resize(names_.size());
    Captures captures;
    if (path_) {
        const Found found = holdsFor(*path_, text(view.path), match.path, match);
        if (found != Found::Yes) return found;
    }
    const std::pair<const std::optional<Test>*, std::string_view> others[] = {{&host_, text(view.host)},
                                                                              {&query_, text(view.query)}};
    for (const auto& [test, subject] : others) {
        if (!*test) continue;
        if (const Found found = holdsFor(**test, subject, captures, match); found != Found::Yes) return found;
    }
    return holdsForFields(view, captures, match);
}

bool Conditions::filesHold(const tp_io& io, tp_request* request, const tp_request_view& view,
                           const Match& match) const {
    auto isThere = [&](const Template& path) { return exists(io, request, path.plain(view, match)); };
    return std::ranges::all_of(exists_, isThere) && std::ranges::none_of(missing_, isThere);
}

}  // namespace turnpike::rewrite
