// database.h - a MariaDB of the bed's own, with its files, socket and port to itself: a server that is there
// already is neither asked nor touched. It holds one table, which one user may read.
#pragma once
#include <cstdint>
#include <string>

#include "measure/bed/child.h"
#include "measure/bed/folder.h"
#include "measure/bed/installed.h"

namespace turnpike::measure {

/// Rows of the table `words`, keys from 1. The same in MariaDB and in SQLite.
inline constexpr unsigned kRows = 5000;

class Database {
 public:
    /// Makes the files in FOLDER/database and starts the server; returns when it answers (some seconds).
    static Result<Database> start(const Installed& installed, const BedFolder& folder, uint16_t port,
                                  const std::string& password);
    /// Stops it and starts it anew on the same files.
    Result<bool> restart();
    pid_t pid() const { return child_.pid(); }

 private:
    Database(Child child, Child::Program program, std::string socket)
        : child_(std::move(child)), program_(std::move(program)), socket_(std::move(socket)) {}
    Result<bool> waitUntilReady();

    Child child_;
    Child::Program program_;
    std::string socket_;
};

/// The same table as an SQLite file.
Result<bool> writeSqlite(const std::string& file);

}  // namespace turnpike::measure
