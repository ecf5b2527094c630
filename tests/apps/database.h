// database.h - a private MariaDB for the applications under test: own files, a unix socket, no network. It is the
// one that `./run wordpress` starts.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "support/running_program.h"
#include "support/temp_folder.h"

namespace turnpike::apps {

class Database {
 public:
    /// A database and a user of each name, all with password().
    explicit Database(const std::vector<std::string>& names);

    /// Waits for a minute until it takes connections; what it said when it does not.
    std::string waitUntilUp();
    std::string socket() const { return folder_.path() + "/run/mariadb.sock"; }
    std::string password() const;

 private:
    TempFolder folder_;
    std::unique_ptr<RunningProgram> server_;
};

}  // namespace turnpike::apps
