#include "measure/experiment/judge.h"

#include <cstdio>

namespace turnpike::measure {
namespace {

std::string percent(const char* what, double share, double most) {
    char text[160];
    std::snprintf(text, sizeof text, "%s: %.1f %%, at most %.0f %% is allowed", what, 100 * share, 100 * most);
    return text;
}

void judgeAnswers(const Plan& plan, const LoadOutcome& outcome, std::vector<std::string>& why) {
    if (!outcome.failure.empty()) why.push_back(outcome.failure);
    if (outcome.requests == 0 || plan.behaviour != Behaviour::Browser) return;
    // A short window may not come round to every page of a mix, but nothing is shorter or longer than those.
    if (outcome.shortest_body < plan.shortest_body || outcome.longest_body > plan.longest_body)
        why.push_back("answers of " + std::to_string(outcome.shortest_body) + " to " +
                      std::to_string(outcome.longest_body) + " bytes instead of " +
                      std::to_string(plan.shortest_body) + " to " + std::to_string(plan.longest_body));
}

}  // namespace

std::vector<std::string> whyInvalid(const Plan& plan, const Window& window) {
    std::vector<std::string> why;
    const LoadOutcome& outcome = window.outcome;
    judgeAnswers(plan, outcome, why);
    if (outcome.requests == 0 && outcome.failure.empty()) why.emplace_back("no request ended in time");
    if (plan.behaviour == Behaviour::Browser && outcome.failure.empty() && window.requests != outcome.requests)
        why.push_back("the server counted " + std::to_string(window.requests) + " requests, the generator " +
                      std::to_string(outcome.requests));
    if (!window.engine_ns) why.emplace_back("/proc does not tell what the server's processes took");
    if (outcome.generatorShare() > kMostGeneratorShare)
        why.push_back(percent("the generator used its processor", outcome.generatorShare(), kMostGeneratorShare));
    return why;
}

std::vector<std::string> whyDisturbed(const Plan& plan, const Window& window) {
    std::vector<std::string> why;
    if (window.steal_share > kMostSteal)
        why.push_back(percent("the hypervisor took CPU time", window.steal_share, kMostSteal));
    if (window.foreign_share > kMostForeign)
        why.push_back(percent("other processes took CPU time", window.foreign_share, kMostForeign));
    // A backend on the same processor, which goes on after its answer, keeps the server waiting: that is the hop's
    // own.
    const bool is_alone = window.backend_ns.value_or(0) == 0;
    if (is_alone && plan.cell.load == LoadKind::Single && window.run_queue_share > kMostRunQueue)
        why.push_back(percent("the server stood in the run queue", window.run_queue_share, kMostRunQueue));
    return why;
}

std::vector<std::string> whyRejected(const Plan& plan, const Window& window) {
    std::vector<std::string> why = whyInvalid(plan, window);
    for (std::string& more : whyDisturbed(plan, window)) why.push_back(std::move(more));
    return why;
}

}  // namespace turnpike::measure
