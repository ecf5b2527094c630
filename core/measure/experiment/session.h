// session.h - a run of the instrument from its first trial to its last, over as many sessions as it takes: what is
// asked for becomes a run in the store, and what is in the store can be gone on with. One thread.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "measure/bed/bed.h"
#include "measure/experiment/runner.h"
#include "measure/store/store.h"

namespace turnpike::measure {

struct Order {
    Extent extent = Extent::Quick;
    std::vector<std::string> experiments;  // empty: all
    std::vector<std::string> only;  // parts of keys; cells that have none of them are left out; empty: none is
    unsigned blocks = 0;            // 0: as many as the extent has
    uint64_t seed = 0;              // 0: a new one
    std::string name, command;
};

struct Session {
    Run run;
    std::vector<Plan> plans;
    Pace pace;
    std::vector<Trial> before;               // of an interrupted run
    std::vector<std::string> left_out = {};  // experiments, with the reason, a sentence each
};

/// The plans of `order` that this machine can measure. Not in the store yet. An error: nothing is left to measure.
Result<Session> newSession(const Order& order, const Installed& installed);
/// A run that was interrupted. An error: it is complete, or this version or this machine cannot measure its cells.
Result<Session> oldSession(const Store& store, const std::string& which, const Installed& installed);

/// Calibrates, notes the run in the store unless it is there, and measures what is open. True: all is measured;
/// false: it was stopped. `hooks.keep` is the session's own.
Result<bool> measure(Session& session, Bed& bed, Store& store, const Hooks& hooks);

}  // namespace turnpike::measure
