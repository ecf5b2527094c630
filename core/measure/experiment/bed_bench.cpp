#include "measure/experiment/bed_bench.h"

#include <algorithm>
#include <map>

#include "measure/experiment/fetch.h"

namespace turnpike::measure {

Result<bool> BedBench::prepare(const std::vector<Plan>& plans) {
    std::vector<std::string> names;
    for (const Plan& plan : plans)
        if (std::find(names.begin(), names.end(), plan.cell.config) == names.end())
            names.push_back(plan.cell.config);
    if (auto fresh = bed_.refresh(); !fresh) return fresh;
    if (auto started = bed_.start(names); !started) return started;
    if (auto checked = checkAnswers(plans); !checked) return checked;
    for (const Plan& plan : plans) warmUp(plan);
    return true;
}

/// Cells are only compared when they answer alike.
Result<bool> BedBench::checkAnswers(const std::vector<Plan>& plans) {
    std::map<std::string, std::string> bodies;
    for (const Plan& plan : plans)
        for (const std::string& path : plan.paths) {
            auto answer = fetchWhenReady(serverOf(plan).address(), host(), path);
            if (!answer) return Error{answer.error().code, plan.cell.key + ": " + answer.error().text};
            const size_t size = answer->body.size();
            if (size < plan.shortest_body || size > plan.longest_body)
                return Error{EPROTO, plan.cell.key + ": " + path + " has " + std::to_string(size) + " bytes"};
            if (plan.same_answer.empty()) continue;
            auto [first, is_new] = bodies.emplace(plan.same_answer, answer->body);
            if (!is_new && first->second != answer->body)
                return Error{EPROTO, plan.cell.key + ": its answer differs from that of the other cells"};
        }
    return true;
}

}  // namespace turnpike::measure
