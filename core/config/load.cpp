#include "config/load.h"

#include <algorithm>

#include "config/defaults.h"
#include "config/keys_tls.h"
#include "config/read_files.h"
#include "config/site_reader.h"
#include "config/site_rules.h"
#include "config/suggest.h"

namespace turnpike::config {
namespace {

/// The keys of one table that must stand once in all files together: [server], [limits].
template <class T>
void applyTable(T& to, const char* name, std::span<const Key<T>> keys, const std::vector<File>& files,
                const Machine& machine, std::vector<Problem>& problems) {
    std::vector<RawKey> given;
    for (const File& file : files) {
        const Member* member = file.root.find(name);
        if (member == nullptr) continue;
        if (member->value.kind != Node::Kind::Table) {
            std::string wanted = "[" + std::string(name) + "]";
            problems.push_back(
                {member->at, quoted(name) + " is a section: write " + wanted + " on a line of its own"});
            continue;
        }
        for (const Member& key : member->value.members)
            if (RawKey raw; makeRawKey(key, &raw, problems)) given.push_back(std::move(raw));
    }
    BindScope scope{"in [" + std::string(name) + "]", {files.front().name, 0, 0}, {}, belongsElsewhere};
    apply(to, keys, scope, given, machine, problems);
}

/// In the order of the files, and within one from top to bottom.
void sortProblems(std::vector<Problem>& problems, const std::vector<File>& files) {
    auto rank = [&](const Problem& p) {
        auto found = std::find_if(files.begin(), files.end(), [&](const File& f) { return f.name == p.at.file; });
        return std::tuple(found - files.begin(), p.at.line, p.at.column);
    };
    std::stable_sort(problems.begin(), problems.end(),
                     [&](const Problem& a, const Problem& b) { return rank(a) < rank(b); });
}

}  // namespace

std::vector<Problem> loadFrom(const std::string& path, const Files& files, const Machine& machine,
                              std::shared_ptr<const Snapshot>* out) {
    std::vector<Problem> problems;
    auto snapshot = std::make_shared<Snapshot>();
    std::vector<File> read = readFiles(path, files, machine, problems);
    Server& server = snapshot->server;
    applyTable(server, "server", serverKeys(), read, machine, problems);
    applyTable(server.limits, "limits", limitKeys(), read, machine, problems);
    fillDefaults(server, machine, files);
    SiteRules rules(files, problems);
    for (const File& file : read) {
        snapshot->files.push_back(file.path);
        for (ReadSite& site : readSites(file, machine, problems)) {
            fillDefaults(site.site, server);
            rules.check(site);
            readTlsFiles(site.site, files, problems);
            snapshot->sites.push_back(std::move(site.site));
        }
    }
    checkTlsUse(*snapshot, problems);
    // A file that could not be read may be the one that holds the sites.
    const Position whole_file{path, 0, 0};
    if (snapshot->sites.empty() && problems.empty())
        problems.push_back({whole_file, "no [[site]]: there is nothing to serve"});
    sortProblems(problems, read);
    if (problems.empty()) *out = std::move(snapshot);
    return problems;
}

std::vector<Problem> loadServer(const std::string& path, Server* out) {
    std::vector<Problem> unreadable, ignored;
    const Machine machine = thisMachine();
    const std::vector<File> files = readFiles(path, diskFiles(), machine, unreadable);
    if (files.front().root.members.empty()) return unreadable;
    applyTable(*out, "server", serverKeys(), files, machine, ignored);
    fillDefaults(*out, machine, diskFiles());
    return {};
}

std::vector<Problem> load(const std::string& path, std::shared_ptr<const Snapshot>* out) {
    return loadFrom(path, diskFiles(), thisMachine(), out);
}

std::vector<BoundKey> bind(const PluginUse& use, const tp_key* keys, size_t count,
                           std::vector<Problem>& problems) {
    BindScope scope{"for plugin " + quoted(use.plugin), use.at, {}, belongsElsewhere};
    for (const Key<Route>& key : routeKeys()) scope.more_names.emplace_back(key.declared.name);
    return bindKeys(scope, use.keys, keys, count, problems);
}

}  // namespace turnpike::config
