#include "measure/site/site_bench.h"

#include "measure/experiment/cells.h"
#include "measure/site/private_copy.h"

namespace turnpike::measure {
namespace {

/// How much longer or shorter than those of now answers may be.
uint64_t slackOf(const Bodies& now) { return now.longest / 50; }

uint64_t leastOf(const Bodies& now) { return now.shortest - std::min(now.shortest, slackOf(now)); }
uint64_t mostOf(const Bodies& now) { return now.longest + slackOf(now); }

std::string lengths(const Bodies& bodies) {
    if (bodies.shortest == bodies.longest) return std::to_string(bodies.longest) + " bytes";
    return std::to_string(bodies.shortest) + " to " + std::to_string(bodies.longest) + " bytes";
}

Result<Bodies> tryWay(SiteBed& bed, size_t route, const Way& way) {
    if (!way.missing.empty()) return Error{ENOENT, way.missing};
    auto server =
        bed.start(way.name, withRoute(*bed.choice().site, route, way.route), bed.choice().site->access_format);
    if (!server) return server.error();
    auto bodies = bed.ask(**server);
    bed.stop(way.name);
    return bodies;
}

}  // namespace

std::string whyOtherPage(const Bodies& now, const Bodies& way) {
    if (way.shortest >= leastOf(now) && way.longest <= mostOf(now)) return {};
    return "it is not the same page: it has " + lengths(way) + ", and " + lengths(now) + " as the site runs now";
}

Result<Admitted> admit(SiteBed& bed, size_t route, const std::vector<Way>& ways) {
    Admitted admitted;
    for (const Way& way : ways) {
        auto bodies = tryWay(bed, route, way);
        if (!bodies && way.is_now) return bodies.error();
        if (way.is_now) admitted.bodies = *bodies;
        const std::string why = bodies ? whyOtherPage(admitted.bodies, *bodies) : bodies.error().text;
        if (why.empty())
            admitted.ways.push_back(way);
        else
            admitted.left_out.push_back({way.name, why});
    }
    return admitted;
}

std::vector<Plan> plansOf(const Admitted& admitted, const std::string& target) {
    std::vector<std::string> names;
    for (const Way& way : admitted.ways) names.push_back(way.name);
    names.emplace_back(kAgain);
    std::vector<Plan> plans;
    Cells cells(kSiteExperiment, plans);
    for (const LoadKind load : kBothLoads)
        for (const std::string& name : names) {
            Plan& plan = cells.add({{"way", name}}, load, name, {target}, 0);
            plan.shortest_body = leastOf(admitted.bodies);
            plan.longest_body = mostOf(admitted.bodies);
        }
    return plans;
}

SiteBench::SiteBench(SiteBed& bed, const Pace& pace, size_t route, const Admitted& admitted)
    : ServerBench(pace), bed_(bed) {
    for (const Way& way : admitted.ways) sites_[way.name] = withRoute(*bed.choice().site, route, way.route);
    sites_[kAgain] = *bed.choice().site;
}

Result<bool> SiteBench::prepare(const std::vector<Plan>& plans) {
    for (const auto& [name, site] : sites_) {
        auto server = bed_.start(name, site, site.access_format);
        if (!server) return server.error();
        auto bodies = bed_.ask(**server);
        if (!bodies) return Error{bodies.error().code, name + ": " + bodies.error().text};
    }
    for (const Plan& plan : plans) warmUp(plan);
    return true;
}

}  // namespace turnpike::measure
