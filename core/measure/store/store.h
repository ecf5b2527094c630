// store.h - every run and trial that was measured, in one SQLite file (WAL). A trial that add() took is on disk
// whole, whatever kills the process afterwards. One thread a store; several processes may open the same file.
// Opening starts threads of the library's: a child that was forked afterwards must exec before it opens one.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "measure/store/model.h"

namespace turnpike::measure {

/// How much of a run there is.
struct Tally {
    uint64_t cells = 0, trials = 0;  // trials: the rejected ones too
    uint64_t rejected = 0;
};

class Store {
 public:
    /// Opens `file`, making it and its folder when missing, and brings an older schema up to date. A file of a
    /// later version, or none of ours, is refused and left as it is.
    static Result<Store> open(const std::string& file);
    /// $XDG_STATE_HOME/turnpike/runs.db, ~/.local/state/turnpike/runs.db, for root /var/lib/turnpike/runs.db.
    static std::string defaultFile();

    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;
    ~Store();

    /// Notes a run with its cells in their order; returns its id.
    Result<int64_t> begin(const Run& run, const std::vector<Cell>& cells);
    /// When it returns true the trial has reached the disk. When not, nothing of it is in the file, and the store
    /// can be used on: the disk may have room again later. The trial's own id is not looked at.
    Result<bool> add(int64_t run, const Trial& trial);
    /// The run has all its trials.
    Result<bool> finish(int64_t run, int64_t ended_unix_ms);

    /// Newest first.
    Result<std::vector<Run>> runs() const;
    /// `which`: an id, a name, "last" or "last~1"; the error names what there is.
    Result<Run> find(const std::string& which) const;
    /// In the order of begin(); none for a run that is not there.
    Result<std::vector<Cell>> cells(int64_t run) const;
    /// In the order of measuring, the rejected ones too; none for a run that is not there.
    Result<std::vector<Trial>> trials(int64_t run) const;
    Result<Tally> tally(int64_t run) const;
    /// With all its trials.
    Result<bool> remove(int64_t run);

 private:
    class Database;
    explicit Store(std::unique_ptr<Database> database);
    std::unique_ptr<Database> database_;
};

}  // namespace turnpike::measure
