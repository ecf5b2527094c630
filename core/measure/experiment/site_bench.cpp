#include "measure/experiment/site_bench.h"

#include "measure/experiment/cells.h"
#include "measure/experiment/fetch.h"

namespace turnpike::measure {
namespace {

std::string serverText(const config::Server& server, const std::string& number, uint16_t port) {
    std::string text = "[server]\nlisten = [\"127.0.0.1:" + std::to_string(port) + "\"]\nworkers = 1\n";
    text += "plugin_folder = \"" + server.plugin_folder + "\"\n";
    text += "runtime_folder = \"run/" + number + "\"\nspool_folder = \"run/" + number + "/spool\"\n";
    text += "error_log = \"log/" + number + "\"\naccess_format = \"off\"\n";
    if (!server.user.empty()) text += "user = \"" + server.user + "\"\n";
    if (!server.group.empty()) text += "group = \"" + server.group + "\"\n";
    return text + "\n[limits]\nconnections_per_address = 0\nrequests_per_connection = 1000000000\n";
}

void replaceAll(std::string& text, const std::string& from, const std::string& to) {
    for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

Configuration configurationOf(const std::string& number) {
    Configuration configuration;
    configuration.name = number;
    configuration.run_folder = "run/" + number;
    return configuration;
}

}  // namespace

std::vector<Plan> plansOf(const std::vector<SiteWay>& ways, const SiteVisit& visit) {
    std::vector<Plan> plans;
    Cells cells("site", plans);
    for (const LoadKind load : kBothLoads)
        for (size_t i = 0; i < ways.size(); ++i) {
            Plan& plan = cells.add({{"way", ways[i].name}}, load, std::to_string(i), {visit.path}, 0);
            plan.needs = ways[i].needs;
            plan.longest_body = UINT64_MAX;  // pages of a site may tell the time
        }
    return plans;
}

Result<std::unique_ptr<SiteBench>> SiteBench::make(const Installed& installed, const config::Server& server,
                                                   std::vector<SiteWay> ways, SiteVisit visit, const Pace& pace) {
    auto folder = BedFolder::make(installed.workers);
    if (!folder) return folder.error();
    std::unique_ptr<SiteBench> bench(
        new SiteBench(installed, std::move(ways), std::move(visit), pace, std::move(*folder)));
    if (auto written = bench->write(server); !written) return written.error();
    return bench;
}

Result<bool> SiteBench::write(const config::Server& server) {
    for (const char* name : {"run", "log"})
        if (auto made = makeFolder(folder_ / name); !made) return made;
    for (size_t i = 0; i < ways_.size(); ++i) {
        const std::string number = std::to_string(i);
        std::string text = siteConfig(serverText(server, number, ports_.next()), ways_[i].site);
        for (size_t route = 0; route < ways_[i].site.routes.size(); ++route) {
            const std::string place = "{PORT" + std::to_string(route) + "}";
            if (text.find(place) != text.npos) replaceAll(text, place, std::to_string(ports_.next()));
        }
        auto done = makeFolder(folder_ / ("run/" + number));
        if (done) done = writeFile(folder_ / (number + ".toml"), text, 0600);  // it may hold passwords
        if (!done) return done;
    }
    return true;
}

Result<bool> SiteBench::start(size_t way) {
    const std::string number = std::to_string(way);
    const Placement::Starting starting(placement_);
    auto server = Server::start(installed_.program, folder_.path(), configurationOf(number));
    if (!server) return server.error();
    servers_.erase(number);
    return servers_.emplace(number, std::move(*server)).first->second.waitUntilReady();
}

Result<std::vector<std::string>> SiteBench::tryWays() {
    std::vector<std::string> problems(ways_.size());
    for (size_t i = 0; i < ways_.size(); ++i) {
        problems[i] = installed_.missing(ways_[i].needs);
        if (!problems[i].empty()) continue;
        if (auto started = start(i); !started) {
            problems[i] = started.error().text;
            continue;
        }
        auto answer = fetchWhenReady(servers_.at(std::to_string(i)).address(), visit_.host, visit_.path);
        if (!answer) problems[i] = answer.error().text;
    }
    servers_.clear();
    if (!problems[0].empty()) return Error{EPROTO, "the site as it is: " + problems[0]};
    return problems;
}

Result<bool> SiteBench::prepare(const std::vector<Plan>& plans) {
    servers_.clear();
    for (const Plan& plan : plans) {
        if (servers_.contains(plan.cell.config)) continue;
        if (auto started = start(std::stoul(plan.cell.config)); !started) return started;
    }
    for (const Plan& plan : plans) {
        auto answer = fetchWhenReady(serverOf(plan).address(), visit_.host, visit_.path);
        if (!answer) return Error{answer.error().code, plan.cell.key + ": " + answer.error().text};
    }
    for (const Plan& plan : plans) warmUp(plan);
    return true;
}

}  // namespace turnpike::measure
