#include "config/site_reader.h"

#include <algorithm>
#include <iterator>

#include "config/presets.h"
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
        readPreset(read, table);
        BindScope scope{"in [[site]]", table.at, {"route", "hook"}, belongsElsewhere};
        apply(read.site, siteKeys(), scope, keys_, machine_, problems_);
        return read;
    }

 private:
    /// What the site does not say itself is as its preset says. One that does not exist is told with its key.
    void readPreset(ReadSite& read, const Node& table) {
        const Member* chosen = table.find("preset");
        const Preset* preset = chosen != nullptr ? findPreset(chosen->value.text) : nullptr;
        if (preset == nullptr) return;
        Node root;
        Problem problem;
        if (!parseDocument(preset->text, "preset " + std::string(preset->name), &root, &problem))
            problems_.push_back(problem);
        ReadSite theirs;
        for (const Member& member : root.members) {
            auto isSame = [&](const RawKey& key) { return key.name == member.name; };
            if (std::none_of(keys_.begin(), keys_.end(), isSame)) readMember(theirs, member);
        }
        mergeRoutes(read, std::move(theirs));
    }

    /// A route of the site's own stands where the preset's with the same conditions would; others stand first.
    static void mergeRoutes(ReadSite& read, ReadSite theirs) {
        for (size_t i = 0; i < theirs.site.routes.size(); ++i) {
            std::vector<Route>& own = read.site.routes;
            auto same = std::find_if(own.begin(), own.end(), [&](const Route& route) {
                return route.match == theirs.site.routes[i].match;
            });
            if (same == own.end()) continue;
            const auto place = read.route_at.begin() + (same - own.begin());
            theirs.site.routes[i] = std::move(*same);
            theirs.route_at[i] = *place;
            own.erase(same);
            read.route_at.erase(place);
        }
        moveBehind(read.site.routes, theirs.site.routes);
        moveBehind(read.route_at, theirs.route_at);
        moveBehind(read.site.hooks, theirs.site.hooks);
    }
    template <class T>
    static void moveBehind(std::vector<T>& to, std::vector<T>& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    }

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
