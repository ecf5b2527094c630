// The site's config as text again: siteConfig() of site_ways.h.
#include <cstdio>

#include "measure/experiment/site_ways.h"

namespace turnpike::measure {
namespace {

using config::RawValue;

std::string quoted(const std::string& text) {
    std::string to = "\"";
    for (const char c : text) {
        char code[8];
        if (c == '"' || c == '\\') {
            to += '\\';
            to += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
            to += code;
        } else {
            to += c;
        }
    }
    return to + "\"";
}

struct Writer {
    std::string operator()(const std::string& text) const { return quoted(text); }
    std::string operator()(int64_t number) const { return std::to_string(number); }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(const std::vector<std::string>& list) const {
        std::string to;
        for (const std::string& item : list) to += (to.empty() ? "" : ", ") + quoted(item);
        return "[" + to + "]";
    }
    std::string operator()(const config::StringMap& map) const {
        std::string to;
        for (const auto& [name, value] : map)
            to += (to.empty() ? "" : ", ") + quoted(name) + " = " + quoted(value);
        return "{ " + to + " }";
    }
};

void line(std::string& to, const std::string& name, const RawValue& value) {
    to += name + " = " + std::visit(Writer(), value) + "\n";
}

void textLine(std::string& to, const char* name, const std::string& value) {
    if (!value.empty()) line(to, name, value);
}

void use(std::string& to, const config::PluginUse& use) {
    line(to, "plugin", use.plugin);
    for (const config::RawKey& key : use.keys) line(to, key.name, key.value);
}

void route(std::string& to, const config::Route& route) {
    to += "\n[[site.route]]\n";
    textLine(to, "exact", route.match.exact);
    textLine(to, "prefix", route.match.prefix);
    textLine(to, "suffix", route.match.suffix);
    textLine(to, "pattern", route.match.pattern);
    if (!route.try_files.empty()) line(to, "try", route.try_files);
    use(to, route.use);
}

const char* linksName(os::Links links) {
    switch (links) {
        case os::Links::Deny:
            return "deny";
        case os::Links::Beneath:
            return "beneath";
        case os::Links::Owner:
            break;
    }
    return "owner";
}

}  // namespace

std::string siteConfig(const std::string& server, const config::Site& site) {
    std::string to = server + "\n[[site]]\n";
    line(to, "name", site.name);
    line(to, "hosts", std::vector<std::string>{"*"});
    textLine(to, "root", site.root);
    line(to, "index", site.index);
    line(to, "links", std::string(linksName(site.links)));
    line(to, "hidden_files", site.hidden_files);
    line(to, "source_files", site.source_files);
    textLine(to, "user", site.user);
    textLine(to, "group", site.group);
    line(to, "body_limit", static_cast<int64_t>(site.body_limit));
    config::StringMap pages;
    for (const auto& [status, path] : site.error_pages) pages.emplace_back(std::to_string(status), path);
    if (!pages.empty()) line(to, "error_pages", pages);
    for (const config::Route& each : site.routes) route(to, each);
    for (const config::PluginUse& hook : site.hooks) {
        to += "\n[[site.hook]]\n";
        use(to, hook);
    }
    return to;
}

}  // namespace turnpike::measure
