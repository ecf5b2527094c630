// site_bench.h - the ways of a site on the runner's bench: a private server for each, and one more for the way of
// now, so that what chance does can be seen. One thread.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "measure/experiment/server_bench.h"
#include "measure/site/site_bed.h"
#include "measure/site/ways.h"

namespace turnpike::measure {

inline constexpr const char* kSiteExperiment = "site";
/// The way of now once more.
inline constexpr const char* kAgain = "again";

struct LeftOut {
    std::string way, why;
};

/// The ways that answer like the one of now, which is the first.
struct Admitted {
    std::vector<Way> ways;
    std::vector<LeftOut> left_out;
    Bodies bodies;  // what answers may have
};

/// Starts each way once and asks for the page. `route`: the index of the one that answers now. An error: the way
/// of now does not answer 200.
Result<Admitted> admit(SiteBed& bed, size_t route, const std::vector<Way>& ways);

/// Why `way` is no other way to run the same page: its answers have other lengths; empty: they have not. Lengths
/// may differ by a fiftieth: pages tell times and names. Pure.
std::string whyOtherPage(const Bodies& now, const Bodies& way);

/// Each way and the one of now again under both loads: "site/WAY/LOAD". Pure.
std::vector<Plan> plansOf(const Admitted& admitted, const std::string& target);

class SiteBench : public ServerBench {
 public:
    SiteBench(SiteBed& bed, const Pace& pace, size_t route, const Admitted& admitted);

    Result<bool> prepare(const std::vector<Plan>& plans) override;

 private:
    const Server& serverOf(const Plan& plan) override { return bed_.server(plan.cell.config); }
    std::string host() const override { return bed_.choice().host; }
    /// The site's own server may be at work beside: that disturbs all ways alike, and is counted, not refused.
    std::vector<std::string> judge(const Plan& plan, const Window& window) const override {
        return whyInvalid(plan, window);
    }

    SiteBed& bed_;
    std::map<std::string, config::Site> sites_;  // by the server's name
};

}  // namespace turnpike::measure
