#include "config/site_reader.h"

#include <algorithm>

#include "config/suggest.h"

namespace turnpike::config {
namespace {

/// The tables of an array like [[site]]; what is written otherwise is a problem.
std::vector<const Node*> tablesOf(const Member& member, const std::string& heading,
                                  std::vector<Problem>& problems) {
    std::vector<const Node*> tables;
    std::string advice = quoted(member.name) + " is a list of tables: write " + heading + " on a line of its own";
    if (member.value.kind != Node::Kind::Array) {
        problems.push_back({member.at, advice});
        return tables;
    }
    for (const Node& item : member.value.items) {
        if (item.kind == Node::Kind::Table)
            tables.push_back(&item);
        else
            problems.push_back({item.at, advice});
    }
    return tables;
}

class SiteReader {
 public:
    SiteReader(const Machine& machine, std::vector<Problem>& problems) : machine_(machine), problems_(problems) {
        for (const Key<Site>& key : siteKeys()) names_.emplace_back(key.declared.name);
    }

    ReadSite read(const Node& table) {
        ReadSite read;
        read.site.at = read.name_at = read.hosts_at = read.root_at = table.at;
        for (const Member& member : table.members) readMember(read, member);
        BindScope scope{"in [[site]]", table.at, {"route", "hook"}, belongsElsewhere};
        apply(read.site, siteKeys(), scope, keys_, machine_, problems_);
        return read;
    }

 private:
    void readMember(ReadSite& read, const Member& member) {
        if (member.name == "route") {
            for (const Node* table : tablesOf(member, "[[site.route]]", problems_)) readRoute(read, *table);
        } else if (member.name == "hook") {
            for (const Node* table : tablesOf(member, "[[site.hook]]", problems_)) readHook(read, *table);
        } else if (RawKey raw;
                   !isUnknownSection(member, names_, problems_) && makeRawKey(member, &raw, problems_)) {
            if (raw.name == "name") read.name_at = raw.at;
            if (raw.name == "hosts") read.hosts_at = raw.at;
            if (raw.name == "root") read.root_at = raw.at;
            keys_.push_back(std::move(raw));
        }
    }

    void readRoute(ReadSite& read, const Node& table) {
        Route route;
        readUse(route, routeKeys(), "in [[site.route]]", table, route.use);
        read.site.routes.push_back(std::move(route));
        read.route_at.push_back(table.at);
    }

    void readHook(ReadSite& read, const Node& table) {
        Hook hook;
        readUse(hook, hookKeys(), "in [[site.hook]]", table, hook.use);
        read.site.hooks.push_back(std::move(hook.use));
    }

    /// The core's keys of a table go into `to`; all others are for the plugin, which checks them itself.
    template <class T>
    void readUse(T& to, std::span<const Key<T>> keys, const char* where, const Node& table, PluginUse& use) {
        std::vector<RawKey> own;
        for (const Member& member : table.members) {
            RawKey raw;
            if (!makeRawKey(member, &raw, problems_)) continue;
            bool is_own = std::any_of(keys.begin(), keys.end(),
                                      [&](const Key<T>& key) { return raw.name == key.declared.name; });
            (is_own ? own : use.keys).push_back(std::move(raw));
        }
        apply(to, keys, {where, table.at, {}, nullptr}, own, machine_, problems_);
        if (use.plugin.empty()) suggestOwn(keys, where, use);
    }

    /// Without a plugin nobody else will look at the keys that are left; a misspelt "plugin" may be among them.
    template <class T>
    void suggestOwn(std::span<const Key<T>> keys, const std::string& where, const PluginUse& use) {
        std::vector<std::string_view> names;
        for (const Key<T>& key : keys) names.emplace_back(key.declared.name);
        for (const RawKey& raw : use.keys) {
            std::string hint = suggestion(raw.name, names);
            if (!hint.empty())
                problems_.push_back(
                    {raw.at,
                     std::string("unknown key ").append(quoted(raw.name)).append(" ").append(where).append(hint)});
        }
    }

    const Machine& machine_;
    std::vector<Problem>& problems_;
    std::vector<RawKey> keys_;
    std::vector<std::string_view> names_{"route", "hook"};  // all that a [[site]] may hold
};

}  // namespace

std::vector<ReadSite> readSites(const File& file, const Machine& machine, std::vector<Problem>& problems) {
    std::vector<ReadSite> sites;
    const Member* member = file.root.find("site");
    if (member == nullptr) return sites;
    for (const Node* table : tablesOf(*member, "[[site]]", problems))
        sites.push_back(SiteReader(machine, problems).read(*table));
    return sites;
}

}  // namespace turnpike::config
