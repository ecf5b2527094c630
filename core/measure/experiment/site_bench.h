// site_bench.h - a site of the user's own under each way of running it: private servers on copies of its config,
// its files in their place. The server that runs it is neither asked nor touched. One thread.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "measure/bed/folder.h"
#include "measure/bed/placement.h"
#include "measure/experiment/server_bench.h"
#include "measure/experiment/site_ways.h"

namespace turnpike::measure {

struct SiteVisit {
    std::string host;  // value of Host
    std::string path;
};

/// One plan for each way and load; the key is "site/WAY/LOAD", the config the number of the way.
std::vector<Plan> plansOf(const std::vector<SiteWay>& ways, const SiteVisit& visit);

class SiteBench : public ServerBench {
 public:
    /// Writes the config of each way into a private folder.
    static Result<std::unique_ptr<SiteBench>> make(const Installed& installed, const config::Server& server,
                                                   std::vector<SiteWay> ways, SiteVisit visit, const Pace& pace);

    Result<bool> prepare(const std::vector<Plan>& plans) override;

    /// Starts each way once and asks for the page: why a way does not work, empty where it does.
    Result<std::vector<std::string>> tryWays();
    /// The load gets a processor of its own.
    void keepApart() { placement_.keepApart(); }

 private:
    SiteBench(const Installed& installed, std::vector<SiteWay> ways, SiteVisit visit, const Pace& pace,
              BedFolder folder)
        : ServerBench(pace),
          installed_(installed),
          ways_(std::move(ways)),
          visit_(std::move(visit)),
          folder_(std::move(folder)) {}
    const Server& serverOf(const Plan& plan) override { return servers_.at(plan.cell.config); }
    std::string host() const override { return visit_.host; }
    Result<bool> write(const config::Server& server);
    Result<bool> start(size_t way);

    const Installed& installed_;
    std::vector<SiteWay> ways_;
    SiteVisit visit_;
    BedFolder folder_;
    Placement placement_;
    Ports ports_;
    std::map<std::string, Server> servers_;
};

}  // namespace turnpike::measure
