// bed.h - everything that an experiment needs, made and started by ourselves: a folder with pages and programs,
// the servers under test, MariaDB where it is asked for. All of it is gone when the bed is; when the tool is
// killed, what runs dies with it and only the folder stays. One thread.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "measure/bed/configuration.h"
#include "measure/bed/database.h"
#include "measure/bed/placement.h"
#include "measure/bed/server.h"

namespace turnpike::measure {

/// Sizes of the files FOLDER/site/SIZE.txt.
inline constexpr unsigned kSizes[] = {512, 4096, 65536, 1048576};

class Bed {
 public:
    /// Lays out the folder, with the config of every server; `keep`: there, for good (empty: in a temporary one).
    static Result<std::unique_ptr<Bed>> make(Installed installed, const std::string& keep);
    ~Bed();

    Placement& placement() { return placement_; }
    const Installed& installed() const { return installed_; }
    const std::string& folder() const { return folder_.path(); }

    /// Starts MariaDB unless it runs.
    Result<bool> startDatabase();
    /// Starts those that do not run yet, MariaDB first when one needs it, and waits until they serve.
    Result<bool> start(const std::vector<std::string>& names);
    /// Stops all servers; MariaDB goes on.
    void stop();
    /// Stops all servers, and starts MariaDB anew if it runs.
    Result<bool> refresh();
    /// Null: it does not run.
    Server* server(const std::string& name);
    /// Of mariadbd; 0: it does not run.
    pid_t databasePid() const { return database_ ? database_->pid() : 0; }
    std::string databaseSocket() const { return folder_ / "database/socket"; }

 private:
    Bed(Installed installed, BedFolder folder);
    Result<bool> layOut();
    Result<bool> writeSite();
    Result<bool> writeConfigs();
    Place placeFor(const Configuration& configuration);

    Installed installed_;
    BedFolder folder_;
    Placement placement_;
    Ports ports_;
    std::string password_;
    uint16_t database_port_ = 0;
    std::unique_ptr<Database> database_;
    std::map<std::string, Server> servers_;
};

}  // namespace turnpike::measure
