// What reads runs and their cells from the store; trials have a file of their own.
#include <algorithm>
#include <charconv>
#include <optional>

#include "measure/store/database.h"
#include "measure/store/sql.h"

namespace turnpike::measure {
namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;
using Poco::Data::Statement;

std::vector<Run> readRuns(Session& session) {
    std::vector<Run> runs;
    Run run;
    Statement statement(session);
    statement << "SELECT id, name, command, version, seed, blocks, started_unix_ms, ended_unix_ms FROM run "
                 "ORDER BY id DESC",
        into(run.id), into(run.name), into(run.command), into(run.version), into(run.seed), into(run.blocks),
        into(run.started_unix_ms), into(run.ended_unix_ms);
    sql::eachRow(statement, [&] { runs.push_back(run); });
    return runs;
}

void readFacts(Session& session, Run& run) {
    Fact fact;
    Statement facts(session);
    facts << "SELECT name, value FROM fact WHERE run = ? ORDER BY position", bind(run.id), into(fact.name),
        into(fact.value);
    sql::eachRow(facts, [&] { run.fingerprint.push_back(fact); });
    Constant c;
    Statement constants(session);
    constants << "SELECT name, unit, median, low, high, least, batches FROM constant WHERE run = ? "
                 "ORDER BY position",
        bind(run.id), into(c.name), into(c.unit), into(c.median), into(c.low), into(c.high), into(c.least),
        into(c.batches);
    sql::eachRow(constants, [&] { run.constants.push_back(c); });
}

std::vector<Cell> readCells(Session& session, int64_t run) {
    std::vector<Cell> cells;
    std::string load, factor, value;
    int64_t id = 0, id_before = 0;
    Cell cell;
    Statement statement(session);
    // A cell without factors has one row with empty ones.
    statement << "SELECT cell.id, key, experiment, config, load, ifnull(name, ''), ifnull(value, '') FROM cell "
                 "LEFT JOIN factor ON factor.cell = cell.id WHERE run = ? ORDER BY cell.position, name",
        bind(run), into(id), into(cell.key), into(cell.experiment), into(cell.config), into(load), into(factor),
        into(value);
    sql::eachRow(statement, [&] {
        if (id != id_before) {
            cell.load = load == name(LoadKind::Single) ? LoadKind::Single : LoadKind::Saturation;
            cells.push_back(cell);
        }
        id_before = id;
        if (!factor.empty()) cells.back().factors[factor] = value;
    });
    return cells;
}

std::optional<uint64_t> wholeNumber(const std::string& text) {
    uint64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// "last": 0, "last~2": 2.
std::optional<uint64_t> stepsBack(const std::string& which) {
    const std::string last = "last";
    if (which == last) return 0;
    if (!which.starts_with(last + "~")) return std::nullopt;
    return wholeNumber(which.substr(last.size() + 1));
}

/// `runs` are newest first.
const Run* choose(const std::vector<Run>& runs, const std::string& which) {
    if (auto steps = stepsBack(which)) return *steps < runs.size() ? &runs[*steps] : nullptr;
    auto matching = [&](auto&& isIt) -> const Run* {
        auto found = std::find_if(runs.begin(), runs.end(), isIt);
        return found == runs.end() ? nullptr : &*found;
    };
    if (auto id = wholeNumber(which))
        if (const Run* run = matching([&](const Run& r) { return static_cast<uint64_t>(r.id) == *id; }))
            return run;
    return matching([&](const Run& r) { return r.name == which; });
}

Error noneSuch(const std::vector<Run>& runs, const std::string& which, const std::string& file) {
    if (runs.empty()) return {ENOENT, "there is no run in " + file + " yet: `turnpike measure` makes one"};
    std::string text = "there is no run \"" + which + "\" in " + file + "; there are ";
    constexpr size_t kMost = 10;
    for (size_t i = 0; i < std::min(runs.size(), kMost); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(runs[i].id);
        if (!runs[i].name.empty()) text += " (" + runs[i].name + ")";
    }
    return {ENOENT, text + (runs.size() > kMost ? " and older ones" : "")};
}

}  // namespace

Result<std::vector<Run>> Store::runs() const {
    return sql::guarded(database_->file, [&]() -> Result<std::vector<Run>> {
        sql::Transaction reading(database_->session, sql::Transaction::For::Reading);
        std::vector<Run> runs = readRuns(database_->session);
        for (Run& run : runs) readFacts(database_->session, run);
        return runs;
    });
}

Result<Run> Store::find(const std::string& which) const {
    return sql::guarded(database_->file, [&]() -> Result<Run> {
        sql::Transaction reading(database_->session, sql::Transaction::For::Reading);
        const std::vector<Run> runs = readRuns(database_->session);
        const Run* chosen = choose(runs, which);
        if (chosen == nullptr) return noneSuch(runs, which, database_->file);
        Run run = *chosen;
        readFacts(database_->session, run);
        return run;
    });
}

Result<std::vector<Cell>> Store::cells(int64_t run) const {
    return sql::guarded(database_->file,
                        [&]() -> Result<std::vector<Cell>> { return readCells(database_->session, run); });
}

Result<Tally> Store::tally(int64_t run) const {
    return sql::guarded(database_->file, [&]() -> Result<Tally> {
        Tally tally;
        database_->session << "SELECT count(DISTINCT cell.id), count(trial.id), "
                              "count(CASE WHEN EXISTS (SELECT 1 FROM rejection WHERE rejection.trial = trial.id) "
                              "THEN 1 END) "
                              "FROM cell LEFT JOIN trial ON trial.cell = cell.id WHERE cell.run = ?",
            into(tally.cells), into(tally.trials), into(tally.rejected), bind(run), now;
        return tally;
    });
}

}  // namespace turnpike::measure
