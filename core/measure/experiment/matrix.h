// matrix.h - which cells each experiment has: what is asked, of which server, how, and what must come back. Pure;
// the quick cells are some of the full ones and have the same keys.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "measure/store/model.h"

namespace turnpike::measure {

/// How clients behave towards the server. Browser: as they should, at full speed, over kept connections or new
/// ones. The others make a connection for each request.
enum class Behaviour : uint8_t {
    Browser,
    Fast,       // the whole head at once
    Split,      // the head in two segments, some milliseconds apart
    Slow,       // the head byte by byte
    Abandoned,  // nothing, and the connection is closed
    Garbage,    // bytes that are no HTTP
};

struct Plan {
    Cell cell;
    uint32_t needs = 0;              // of Need
    std::vector<std::string> paths;  // asked in turn
    bool keep_alive = true;
    Behaviour behaviour = Behaviour::Browser;
    uint64_t shortest_body = 0, longest_body = 0;  // that answers must have
    /// Plans of one experiment with the same text get the same answers, byte for byte; empty: any other.
    std::string same_answer;
};

enum class Extent : uint8_t { Quick, Full };

struct Experiment {
    std::string name, what;  // "E5", "the FastCGI hop"
};
/// In the order of running.
const std::vector<Experiment>& experiments();

/// All plans, or those of the experiments that are named.
std::vector<Plan> plansOf(Extent extent, const std::vector<std::string>& names = {});

}  // namespace turnpike::measure
