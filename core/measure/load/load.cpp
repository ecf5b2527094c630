#include "measure/load/load.h"

#include <cstdio>
#include <memory>

#include "measure/load/generator.h"

namespace turnpike::measure {

LoadOutcome runLoad(const Load& load) { return std::make_unique<Generator>(load)->run(); }

std::string refusal(const LoadOutcome& outcome) {
    if (outcome.generatorShare() > kMostGeneratorShare) {
        char share[16];
        std::snprintf(share, sizeof share, "%.0f %%", outcome.generatorShare() * 100);
        return std::string("the generator used ") + share +
               " of its processor, so these are its own limits and not the server's: give it a processor of its "
               "own (--cpu), or ask for less (--rate)";
    }
    if (outcome.unsent > 0)
        return std::to_string(outcome.unsent) + " of " + std::to_string(outcome.requests + outcome.unsent) +
               " requests that fell due were not sent, because all connections were busy: the rate is above what "
               "the server serves, or needs more connections (-c)";
    return {};
}

}  // namespace turnpike::measure
