#include "measure/experiment/session.h"

#include <algorithm>
#include <map>

#include "base/clock.h"
#include "measure/calibrate/calibrate.h"
#include "measure/calibrate/fingerprint.h"
#include "measure/experiment/bed_bench.h"
#include "os/machine.h"

namespace turnpike::measure {
namespace {

constexpr const char* kPaceFact = "pace";

const char* paceName(Extent extent) { return extent == Extent::Quick ? "quick" : "full"; }

bool isWanted(const Plan& plan, const std::vector<std::string>& only) {
    if (only.empty()) return true;
    return std::any_of(only.begin(), only.end(),
                       [&](const std::string& part) { return plan.cell.key.find(part) != std::string::npos; });
}

/// Takes out what needs something that is not installed, and says so once for each experiment and reason.
void leaveOut(Session& session, const Installed& installed) {
    std::map<std::string, size_t> reasons;
    std::erase_if(session.plans, [&](const Plan& plan) {
        const std::string missing = installed.missing(plan.needs);
        if (!missing.empty()) ++reasons[plan.cell.experiment + " of the cells need " + missing];
        return !missing.empty();
    });
    for (const auto& [reason, cells] : reasons) {
        const size_t space = reason.find(' ');
        session.left_out.push_back(reason.substr(0, space) + ": left out " + std::to_string(cells) +
                                   reason.substr(space));
    }
}

std::vector<Cell> cellsOf(const std::vector<Plan>& plans) {
    std::vector<Cell> cells;
    cells.reserve(plans.size());
    for (const Plan& plan : plans) cells.push_back(plan.cell);
    return cells;
}

std::string listText(const std::vector<unsigned>& numbers) {
    std::string text;
    for (const unsigned number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
    return text.empty() ? "any" : text;
}

/// The facts of the measuring itself.
void addFacts(Session& session, Bed& bed) {
    Fingerprint& facts = session.run.fingerprint;
    const Pace& pace = session.pace;
    facts.push_back({"server_processors", listText(bed.placement().servers())});
    facts.push_back({"generator_processors", listText(bed.placement().own())});
    facts.push_back({"window", std::to_string(pace.least_window_ms) + " to " + std::to_string(pace.window_ms) +
                                   " ms, " + std::to_string(pace.least_requests) + " requests end it"});
}

/// Before this thread has one processor only: hops between two are among what is calibrated.
Result<bool> takeConstants(Session& session, Bed& bed, const Hooks& hooks) {
    CalibrationOptions options;
    options.seed = session.run.seed;
    const bool has_database = std::any_of(session.plans.begin(), session.plans.end(),
                                          [](const Plan& plan) { return (plan.needs & kMariaDb) != 0; });
    if (has_database) {
        if (auto started = bed.startDatabase(); !started) return started;
        options.mariadb_socket = bed.databaseSocket();
        options.mariadb_user = "guest";
    }
    std::vector<std::string> notes;
    auto constants = calibrate(options, &notes);
    for (const std::string& note : notes) hooks.say("not calibrated: " + note);
    if (!constants) return constants.error();
    session.run.constants = std::move(*constants);
    return true;
}

/// Notes the run in the store.
Result<bool> begin(Session& session, Bed& bed, Store& store, const Hooks& hooks) {
    if (auto taken = takeConstants(session, bed, hooks); !taken) return taken;
    Run& run = session.run;
    Fingerprint facts = takeFingerprint();
    run.fingerprint.insert(run.fingerprint.begin(), facts.begin(), facts.end());
    addFacts(session, bed);
    run.started_unix_ms = unixMs();
    auto id = store.begin(run, cellsOf(session.plans));
    if (!id) return id.error();
    run.id = *id;
    return true;
}

Result<Extent> extentOf(const Run& run) {
    for (const Fact& fact : run.fingerprint)
        if (fact.name == kPaceFact) return fact.value == paceName(Extent::Quick) ? Extent::Quick : Extent::Full;
    return Error{EINVAL, "run " + std::to_string(run.id) + " was not measured by `turnpike measure`"};
}

Result<std::vector<Plan>> plansFor(const std::vector<Cell>& cells) {
    std::map<std::string, Plan> known;
    for (Plan& plan : plansOf(Extent::Full)) known.emplace(plan.cell.key, std::move(plan));
    std::vector<Plan> plans;
    for (const Cell& cell : cells) {
        auto found = known.find(cell.key);
        if (found == known.end())
            return Error{EINVAL, "this version of Turnpike has no cell " + cell.key + ": begin a new run"};
        plans.push_back(found->second);
    }
    return plans;
}

}  // namespace

Result<Session> newSession(const Order& order, const Installed& installed) {
    for (const std::string& name : order.experiments) {
        const auto& all = experiments();
        if (std::none_of(all.begin(), all.end(), [&](const Experiment& one) { return one.name == name; }))
            return Error{EINVAL, "there is no experiment \"" + name + "\": `turnpike measure --list` shows them"};
    }
    Session session;
    session.plans = plansOf(order.extent, order.experiments);
    std::erase_if(session.plans, [&](const Plan& plan) { return !isWanted(plan, order.only); });
    leaveOut(session, installed);
    if (session.plans.empty()) {
        std::string why = "no cell is left to measure";
        for (const std::string& reason : session.left_out) why += "; " + reason;
        return Error{ENOENT, why};
    }
    session.pace = paceOf(order.extent);
    if (order.blocks != 0) session.pace.blocks = order.blocks;
    session.run.name = order.name;
    session.run.command = order.command;
    session.run.version = TURNPIKE_VERSION;
    session.run.seed = order.seed != 0 ? order.seed : os::randomNumber() >> 32 | 1;  // short enough to be typed
    session.run.blocks = session.pace.blocks;
    session.run.fingerprint = {{kPaceFact, paceName(order.extent)}};
    return session;
}

Result<Session> oldSession(const Store& store, const std::string& which, const Installed& installed) {
    auto run = store.find(which);
    if (!run) return run.error();
    if (run->ended_unix_ms != 0) return Error{EINVAL, "run " + std::to_string(run->id) + " has all its trials"};
    auto extent = extentOf(*run);
    if (!extent) return extent.error();
    auto cells = store.cells(run->id);
    if (!cells) return cells.error();
    auto plans = plansFor(*cells);
    if (!plans) return plans.error();
    auto trials = store.trials(run->id);
    if (!trials) return trials.error();
    Session session{std::move(*run), std::move(*plans), paceOf(*extent), std::move(*trials)};
    session.pace.blocks = session.run.blocks;
    for (const Plan& plan : session.plans)
        if (const std::string missing = installed.missing(plan.needs); !missing.empty())
            return Error{ENOENT, "run " + std::to_string(session.run.id) + " cannot go on without " + missing};
    return session;
}

Result<bool> measure(Session& session, Bed& bed, Store& store, const Hooks& hooks) {
    if (session.run.id == 0)
        if (auto begun = begin(session, bed, store, hooks); !begun) return begun;
    bed.placement().keepApart();
    Hooks with_store = hooks;
    with_store.keep = [&](const Trial& trial) { return store.add(session.run.id, trial); };
    BedBench bench(bed, session.pace);
    auto done = run(session.plans, session.pace, session.run.seed, session.before, bench, with_store);
    if (!done || !*done) return done;
    return store.finish(session.run.id, unixMs());
}

}  // namespace turnpike::measure
