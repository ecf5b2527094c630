#include "measure/site/choice.h"

#include <algorithm>

#include "measure/load/load_url.h"
#include "server/site.h"

namespace turnpike::measure {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& what) {
    return std::find(list.begin(), list.end(), what) != list.end();
}

std::string lowerCase(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
    return text;
}

Error noSuchSite(const config::Snapshot& snapshot, const std::string& why) {
    std::string names;
    for (const config::Site& site : snapshot.sites) names += (names.empty() ? "" : ", ") + site.name;
    return {ENOENT, why + (names.empty() ? ": the config has no site" : "; the sites are " + names)};
}

/// As the server finds it; roots that cannot be opened are the server's to tell.
const config::Site* byHost(const config::Snapshot& snapshot, const std::string& host) {
    std::vector<config::Problem> problems;
    const server::SiteTable table(snapshot, problems);
    const server::Site* found = table.find(lowerCase(host));
    return found == nullptr ? nullptr : found->config;
}

const config::Site* byName(const config::Snapshot& snapshot, const std::string& name) {
    for (const config::Site& site : snapshot.sites)
        if (site.name == name) return &site;
    return nullptr;
}

/// A host under which the site is asked when none was named.
std::string hostOf(const config::Site& site) {
    for (const std::string& host : site.hosts)
        if (!host.starts_with('*')) return host;
    for (const std::string& host : site.hosts)
        if (host.starts_with("*.")) return "www" + host.substr(1);
    return "localhost";
}

Result<Choice> chooseByUrl(const config::Snapshot& snapshot, std::string text) {
    constexpr std::string_view kSecure = "https://";
    if (text.starts_with(kSecure)) text.erase(4, 1);  // who speaks TLS for the site is not measured
    if (text.find("://") == std::string::npos) text.insert(0, "http://");
    auto url = parseLoadUrl(text);
    if (!url) return url.error();
    const config::Site* site = byHost(snapshot, url->host);
    if (site == nullptr) return noSuchSite(snapshot, "no site of the config has the host \"" + url->host + "\"");
    return Choice{site, url->hostField(), url->target};
}

Result<Choice> chooseByPath(const config::Snapshot& snapshot, const std::string& path) {
    const config::Site* site = snapshot.sites.size() == 1 ? &snapshot.sites.front() : byHost(snapshot, "");
    if (site == nullptr)
        return noSuchSite(snapshot,
                          "a path alone does not say which site is meant: add --page " + path + " to one");
    return Choice{site, hostOf(*site), path};
}

/// A word that no name or host is, but that a default site would take, is rather a mistake.
Result<Choice> chooseByWord(const config::Snapshot& snapshot, const std::string& word) {
    if (const config::Site* site = byName(snapshot, word)) return Choice{site, hostOf(*site)};
    const config::Site* site = byHost(snapshot, word);
    const bool is_meant =
        site != nullptr && (contains(site->hosts, lowerCase(word)) || !contains(site->hosts, "*"));
    if (!is_meant) return noSuchSite(snapshot, "there is no site or host \"" + word + "\"");
    return Choice{site, word};
}

}  // namespace

Result<Choice> choose(const config::Snapshot& snapshot, const std::string& what, const std::string& page) {
    const bool is_url = what.find_first_of("/:") != std::string::npos;
    auto choice = what.starts_with('/') ? chooseByPath(snapshot, what)
                  : is_url              ? chooseByUrl(snapshot, what)
                                        : chooseByWord(snapshot, what);
    if (!choice) return choice;
    auto target = parseTarget(page.empty() ? choice->target : page);
    if (!target) return target.error();
    choice->target = std::move(*target);
    return choice;
}

}  // namespace turnpike::measure
