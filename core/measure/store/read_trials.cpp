// What reads the trials of a run.
#include <Poco/Data/LOB.h>
#include <Poco/Nullable.h>

#include <algorithm>
#include <unordered_map>

#include "measure/store/database.h"
#include "measure/store/histogram_blob.h"
#include "measure/store/sql.h"

namespace turnpike::measure {
namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::CLOB;
using Poco::Data::Session;
using Poco::Data::Statement;

constexpr const char* kOfRun = " JOIN trial ON trial.id = trial JOIN cell ON cell.id = trial.cell WHERE run = ? ";

std::optional<uint64_t> optional(const Poco::Nullable<int64_t>& value) {
    if (value.isNull()) return std::nullopt;
    return static_cast<uint64_t>(value.value());
}

/// The trials while their parts come in from several tables.
class Collection {
 public:
    void add(const Trial& trial) {
        place_[trial.id] = trials_.size();
        trials_.push_back(trial);
    }
    Trial& of(int64_t id) { return trials_.at(place_.at(id)); }
    std::vector<Trial> take() { return std::move(trials_); }

 private:
    std::vector<Trial> trials_;
    std::unordered_map<int64_t, size_t> place_;
};

/// The rows of `trial`; an error when a histogram cannot be read.
Result<Collection> readRows(Session& session, int64_t run, const std::string& file) {
    Collection trials;
    std::string damage;
    Trial trial;
    CLOB latency;
    Poco::Nullable<int64_t> backend, database;
    Statement statement(session);
    statement << "SELECT trial.id, key, block, trial.position, started_unix_ms, requests, elapsed_ns, latency, "
                 "engine_ns, generator_ns, backend_ns, database_ns, received, event_milli, steal_share, "
                 "foreign_share FROM trial JOIN cell ON cell.id = trial.cell WHERE run = ? ORDER BY trial.id",
        bind(run), into(trial.id), into(trial.cell), into(trial.block), into(trial.position),
        into(trial.started_unix_ms), into(trial.requests), into(trial.elapsed_ns), into(latency),
        into(trial.engine_ns), into(trial.generator_ns), into(backend), into(database), into(trial.received),
        into(trial.crossings.event_milli), into(trial.steal_share), into(trial.foreign_share);
    sql::eachRow(statement, [&] {
        auto histogram = fromBlob({latency.rawContent(), latency.size()});
        if (!histogram) {
            damage = "trial " + std::to_string(trial.id) + " in " + file + ": " + histogram.error().text;
            return;
        }
        trial.latency_ns = std::move(*histogram);
        trial.backend_ns = optional(backend);
        trial.database_ns = optional(database);
        trials.add(trial);
    });
    if (!damage.empty())
        return Error{EBADMSG, damage + ": the file is damaged; restore it, or delete the run and measure anew"};
    return trials;
}

void readCrossings(Session& session, int64_t run, Collection& trials) {
    int64_t id = 0;
    std::string name;
    uint64_t calls = 0, errors = 0, bytes = 0;
    Statement statement(session);
    statement << std::string("SELECT trial, class, calls, errors, bytes FROM crossing") + kOfRun, bind(run),
        into(id), into(name), into(calls), into(errors), into(bytes);
    sql::eachRow(statement, [&] {
        for (size_t i = 0; i < ledger::kClasses; ++i)
            if (name == ledger::name(static_cast<ledger::Class>(i)))
                trials.of(id).crossings.of[i] = {calls, errors, bytes};
    });
}

void readExtras(Session& session, int64_t run, Collection& trials) {
    int64_t id = 0;
    std::string name;
    double value = 0;
    Statement statement(session);
    statement << std::string("SELECT trial, name, value FROM extra") + kOfRun, bind(run), into(id), into(name),
        into(value);
    sql::eachRow(statement, [&] { trials.of(id).extra[name] = value; });
}

void readRejections(Session& session, int64_t run, Collection& trials) {
    int64_t id = 0;
    std::string reason;
    Statement statement(session);
    statement << std::string("SELECT trial, reason FROM rejection") + kOfRun +
                     "ORDER BY trial, rejection.position",
        bind(run), into(id), into(reason);
    sql::eachRow(statement, [&] { trials.of(id).rejected.push_back(reason); });
}

}  // namespace

Result<std::vector<Trial>> Store::trials(int64_t run) const {
    return sql::guarded(database_->file, [&]() -> Result<std::vector<Trial>> {
        Session& session = database_->session;
        sql::Transaction reading(session, sql::Transaction::For::Reading);
        auto trials = readRows(session, run, database_->file);
        if (!trials) return trials.error();
        readCrossings(session, run, *trials);
        readExtras(session, run, *trials);
        readRejections(session, run, *trials);
        return trials->take();
    });
}

}  // namespace turnpike::measure
