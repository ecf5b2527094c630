// What puts runs and trials into the store, and takes them out.
#include <Poco/Data/LOB.h>
#include <Poco/Nullable.h>

#include "measure/store/database.h"
#include "measure/store/histogram_blob.h"
#include "measure/store/sql.h"

namespace turnpike::measure {
namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;

Poco::Nullable<int64_t> orNull(const std::optional<uint64_t>& value) {
    if (!value) return {};
    return static_cast<int64_t>(*value);
}

void insertFacts(Session& session, int64_t run, const Run& from) {
    int64_t position = 0;
    for (const Fact& fact : from.fingerprint)
        sql::run(session, "INSERT INTO fact VALUES (?, ?, ?, ?)", run, position++, fact.name, fact.value);
    position = 0;
    for (const Constant& c : from.constants)
        sql::run(session, "INSERT INTO constant VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", run, position++, c.name,
                 c.unit, c.median, c.low, c.high, c.least, c.batches);
}

void insertCells(Session& session, int64_t run, const std::vector<Cell>& cells) {
    int64_t position = 0;
    for (const Cell& cell : cells) {
        sql::run(session,
                 "INSERT INTO cell (run, position, key, experiment, config, load) VALUES (?, ?, ?, ?, ?, ?)", run,
                 position++, cell.key, cell.experiment, cell.config, std::string(name(cell.load)));
        const int64_t id = sql::lastId(session);
        for (const auto& [factor, value] : cell.factors)
            sql::run(session, "INSERT INTO factor VALUES (?, ?, ?)", id, factor, value);
    }
}

/// 0 when there is none.
int64_t cellId(Session& session, int64_t run, const std::string& key) {
    int64_t id = 0;
    session << "SELECT id FROM cell WHERE run = ? AND key = ?", into(id), bind(run), bind(key), now;
    return id;
}

void insertDetails(Session& session, int64_t id, const Trial& trial) {
    for (size_t i = 0; i < ledger::kClasses; ++i) {
        const tp_crossing& paid = trial.crossings.of[i];
        if (paid.calls == 0) continue;
        sql::run(session, "INSERT INTO crossing VALUES (?, ?, ?, ?, ?)", id,
                 std::string(ledger::name(static_cast<ledger::Class>(i))), uint64_t{paid.calls},
                 uint64_t{paid.errors}, uint64_t{paid.bytes});
    }
    for (const auto& [name, value] : trial.extra)
        sql::run(session, "INSERT INTO extra VALUES (?, ?, ?)", id, name, value);
    int64_t position = 0;
    for (const std::string& reason : trial.rejected)
        sql::run(session, "INSERT INTO rejection VALUES (?, ?, ?)", id, position++, reason);
}

void insertTrial(Session& session, int64_t cell, const Trial& trial) {
    const Histogram& latency = trial.latency_ns;
    sql::run(session,
             "INSERT INTO trial (cell, block, position, started_unix_ms, requests, elapsed_ns, p50_ns, p99_ns, "
             "latency, engine_ns, generator_ns, backend_ns, database_ns, received, event_milli, steal_share, "
             "foreign_share) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
             cell, trial.block, trial.position, trial.started_unix_ms, trial.requests, trial.elapsed_ns,
             latency.percentile(50), latency.percentile(99), Poco::Data::CLOB(toBlob(latency)), trial.engine_ns,
             trial.generator_ns, orNull(trial.backend_ns), orNull(trial.database_ns), trial.received,
             uint64_t{trial.crossings.event_milli}, trial.steal_share, trial.foreign_share);
    insertDetails(session, sql::lastId(session), trial);
}

Error noRun(const std::string& file, int64_t run) {
    return {ENOENT, "there is no run " + std::to_string(run) + " in " + file};
}

/// Runs a statement that concerns one run and must find it.
template <class... Values>
Result<bool> change(const std::string& file, Session& session, int64_t run, const std::string& statement,
                    const Values&... values) {
    return sql::guarded(file, [&]() -> Result<bool> {
        sql::Transaction transaction(session, sql::Transaction::For::Writing);
        sql::run(session, statement, values...);
        if (sql::number(session, "SELECT changes()") == 0) return noRun(file, run);
        transaction.commit();
        return true;
    });
}

}  // namespace

Result<int64_t> Store::begin(const Run& run, const std::vector<Cell>& cells) {
    return sql::guarded(database_->file, [&]() -> Result<int64_t> {
        Session& session = database_->session;
        sql::Transaction transaction(session, sql::Transaction::For::Writing);
        sql::run(session,
                 "INSERT INTO run (name, command, version, seed, blocks, started_unix_ms, ended_unix_ms) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?)",
                 run.name, run.command, run.version, run.seed, run.blocks, run.started_unix_ms, run.ended_unix_ms);
        const int64_t id = sql::lastId(session);
        insertFacts(session, id, run);
        insertCells(session, id, cells);
        transaction.commit();
        return id;
    });
}

Result<bool> Store::add(int64_t run, const Trial& trial) {
    return sql::guarded(database_->file, [&]() -> Result<bool> {
        Session& session = database_->session;
        sql::Transaction transaction(session, sql::Transaction::For::Writing);
        const int64_t cell = cellId(session, run, trial.cell);
        if (cell == 0)
            return Error{ENOENT, "run " + std::to_string(run) + " in " + database_->file + " has no cell \"" +
                                     trial.cell + "\""};
        insertTrial(session, cell, trial);
        transaction.commit();
        return true;
    });
}

Result<bool> Store::finish(int64_t run, int64_t ended_unix_ms) {
    return change(database_->file, database_->session, run, "UPDATE run SET ended_unix_ms = ? WHERE id = ?",
                  ended_unix_ms, run);
}

Result<bool> Store::remove(int64_t run) {
    return change(database_->file, database_->session, run, "DELETE FROM run WHERE id = ?", run);
}

}  // namespace turnpike::measure
