#include "measure/store/schema.h"

#include "measure/store/sql.h"

namespace turnpike::measure {
namespace {

const Migration kFirst = {
    R"(CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice
    name TEXT NOT NULL,
    command TEXT NOT NULL,                 -- what repeats it
    version TEXT NOT NULL,                 -- of Turnpike
    seed INTEGER NOT NULL,                 -- 64 bits; read as unsigned
    blocks INTEGER NOT NULL,               -- planned
    started_unix_ms INTEGER NOT NULL,
    ended_unix_ms INTEGER NOT NULL         -- 0: interrupted, or goes on
) STRICT)",
    R"(CREATE TABLE fact (                 -- the fingerprint of machine and software
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID)",
    R"(CREATE TABLE constant (             -- of the machine, calibrated before the run
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    median REAL NOT NULL,
    low REAL NOT NULL,                     -- the quartiles of the batches
    high REAL NOT NULL,
    least REAL NOT NULL,
    batches INTEGER NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID)",
    R"(CREATE TABLE cell (                 -- a row of the matrix
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    experiment TEXT NOT NULL,
    config TEXT NOT NULL,
    load TEXT NOT NULL CHECK (load IN ('single', 'saturation')),
    UNIQUE (run, key)
) STRICT)",
    R"(CREATE TABLE factor (
    cell INTEGER NOT NULL REFERENCES cell ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (cell, name)
) STRICT, WITHOUT ROWID)",
    R"(CREATE TABLE trial (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cell INTEGER NOT NULL REFERENCES cell ON DELETE CASCADE,
    block INTEGER NOT NULL,
    position INTEGER NOT NULL,             -- within the block
    started_unix_ms INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    elapsed_ns INTEGER NOT NULL,
    p50_ns INTEGER NOT NULL,               -- of the latency, for reading here; what counts is:
    p99_ns INTEGER NOT NULL,
    latency BLOB NOT NULL,                 -- a histogram, see docs/measuring-formats.md
    engine_ns INTEGER NOT NULL,            -- CPU of the window
    generator_ns INTEGER NOT NULL,
    backend_ns INTEGER,                    -- NULL: there is none
    database_ns INTEGER,
    received INTEGER NOT NULL,             -- bytes
    event_milli INTEGER NOT NULL,          -- shared event calls, in thousandths
    steal_share REAL NOT NULL,
    foreign_share REAL NOT NULL
) STRICT)",
    "CREATE INDEX trial_by_cell ON trial (cell)",
    R"(CREATE TABLE crossing (             -- system calls of the engine in the window; a class without is left out
    trial INTEGER NOT NULL REFERENCES trial ON DELETE CASCADE,
    class TEXT NOT NULL,
    calls INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (trial, class)
) STRICT, WITHOUT ROWID)",
    R"(CREATE TABLE extra (                -- what an experiment notes besides
    trial INTEGER NOT NULL REFERENCES trial ON DELETE CASCADE,
    name TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (trial, name)
) STRICT, WITHOUT ROWID)",
    R"(CREATE TABLE rejection (            -- why a trial does not count
    trial INTEGER NOT NULL REFERENCES trial ON DELETE CASCADE,
    position INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (trial, position)
) STRICT, WITHOUT ROWID)",
    R"(CREATE VIEW result AS               -- one line a trial, per request
SELECT cell.run, cell.key AS cell, trial.block, trial.id AS trial,
       EXISTS (SELECT 1 FROM rejection WHERE rejection.trial = trial.id) AS rejected,
       round(trial.requests * 1e9 / trial.elapsed_ns, 1) AS per_second,
       trial.p50_ns / 1e3 AS p50_us,
       trial.p99_ns / 1e3 AS p99_us,
       round((trial.engine_ns + ifnull(trial.backend_ns, 0) + ifnull(trial.database_ns, 0)) / 1e3 / trial.requests,
             3) AS cpu_us,
       round((SELECT sum(calls) FROM crossing WHERE crossing.trial = trial.id) * 1.0 / trial.requests, 3) AS calls
FROM trial JOIN cell ON cell.id = trial.cell ORDER BY trial.id)",
};

const Migration kMigrations[] = {kFirst};

bool isEmpty(Poco::Data::Session& session) {
    return sql::number(session, "SELECT count(*) FROM sqlite_schema") == 0;
}

Error notOurs(const std::string& file) {
    return {EINVAL, file + " is a database, but not a store of Turnpike: name another file with --store"};
}

Error ofALaterVersion(const std::string& file, int64_t version, size_t known) {
    return {EINVAL, file + " was written by a later Turnpike (schema " + std::to_string(version) +
                        ", this one knows " + std::to_string(known) +
                        "): use that one, or name another file with --store"};
}

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Result<bool> bringUpToDate(Poco::Data::Session& session, const std::string& file,
                           std::span<const Migration> steps) {
    const auto last = static_cast<int64_t>(steps.size());
    auto version = [&] { return sql::number(session, "PRAGMA user_version"); };
    auto isOurs = [&] { return sql::number(session, "PRAGMA application_id") == kApplicationId; };
    // In this order: another process may make it between the two looks, and what it makes is ours at once.
    if (!isEmpty(session) && !isOurs()) return notOurs(file);
    if (isOurs() && version() == last) return true;
    sql::Transaction transaction(session, sql::Transaction::For::Writing);
    // Another process may have come first.
    if (!isEmpty(session) && !isOurs()) return notOurs(file);
    if (version() > last) return ofALaterVersion(file, version(), steps.size());
    if (version() < 0) return notOurs(file);
    for (const Migration& step : steps.subspan(static_cast<size_t>(version())))
        for (const char* statement : step) sql::run(session, statement);
    sql::run(session, "PRAGMA application_id = " + std::to_string(kApplicationId));
    sql::run(session, "PRAGMA user_version = " + std::to_string(last));
    transaction.commit();
    return true;
}

}  // namespace turnpike::measure
