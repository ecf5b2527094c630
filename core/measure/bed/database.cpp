#include "measure/bed/database.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>

#include <chrono>
#include <thread>

#include "base/clock.h"
#include "os/local.h"
#include "os/socket.h"

namespace turnpike::measure {
namespace {

constexpr uint64_t kInstallMs = 60'000, kStartMs = 30'000;

/// Small buffers: the table is small. What is not needed for reading it is off.
std::string configText(const std::string& folder, uint16_t port) {
    return "[mariadbd]\n"
           "datadir = " +
           folder +
           "/data\n"
           "socket = " +
           folder +
           "/socket\n"
           "pid-file = " +
           folder +
           "/pid\n"
           "bind-address = 127.0.0.1\n"
           "port = " +
           std::to_string(port) +
           "\n"
           "init-file = " +
           folder +
           "/init.sql\n"
           "tmpdir = " +
           folder +
           "\n"
           "skip-name-resolve\n"
           "performance-schema = OFF\n"
           "query-cache-type = 0\n"
           "max-connections = 64\n"
           "thread-cache-size = 64\n"
           "key-buffer-size = 1M\n"
           "aria-pagecache-buffer-size = 1M\n"
           "innodb-buffer-pool-size = 16M\n"
           "innodb-log-file-size = 4M\n"
           "innodb-log-buffer-size = 2M\n"
           "innodb-doublewrite = 0\n"
           "innodb-flush-log-at-trx-commit = 0\n";
}

/// One statement a line, as an init-file must have it. It runs at each start, so it changes nothing the second
/// time.
std::string initText(const std::string& password) {
    const std::string rows = std::to_string(kRows);
    std::string text =
        "CREATE DATABASE IF NOT EXISTS lookups;\n"
        "CREATE TABLE IF NOT EXISTS lookups.words (id INT PRIMARY KEY, word VARCHAR(32) NOT NULL) ENGINE=InnoDB;\n"
        "INSERT IGNORE INTO lookups.words SELECT seq, CONCAT('word ', LPAD(seq, 5, '0')) FROM mysql.seq_1_to_" +
        rows + ";\n";
    for (const char* host : {"localhost", "127.0.0.1"}) {
        const std::string user = std::string("'lookups'@'").append(host).append("'");
        text.append("CREATE OR REPLACE USER ").append(user).append(" IDENTIFIED BY '").append(password);
        text.append("';\nGRANT SELECT ON lookups.words TO ").append(user).append(";\n");
    }
    // For calibration: by the socket alone, which nobody else can reach, and for nothing but connecting.
    return text + "CREATE OR REPLACE USER 'guest'@'localhost' IDENTIFIED BY '';\n";
}

Error failed(const std::string& what, const Child& child) {
    return {EIO, what + (child.end().empty() ? "" : " (" + child.end() + ")") + "; it said: " + child.lastWords()};
}

Result<bool> writeFiles(const Installed& installed, const std::string& folder, uint16_t port,
                        const std::string& password) {
    auto done = makeFolder(folder);
    if (done) done = writeFile(folder + "/my.cnf", configText(folder, port));
    if (done) done = writeFile(folder + "/init.sql", initText(password), 0600);
    for (const char* name : {"", "/init.sql"})
        if (done) done = giveTo(installed.workers, folder + name);
    return done;
}

Child::Program installer(const Installed& installed, const std::string& folder) {
    Child::Program program;
    // Forced: it would refuse a machine whose own name cannot be looked up, which does not matter to a private
    // one.
    program.argv = {installed.mariadb_install, "--defaults-file=" + folder + "/my.cnf", "--force",
                    "--skip-test-db", "--auth-root-authentication-method=socket"};
    program.folder = folder;
    program.log = folder + "/log.install";
    program.user = installed.workers;
    return program;
}

/// The server's first words are its greeting: it has done all that comes before clients.
bool greets(const std::string& socket) {
    auto address = os::Address::parse("unix:" + socket);
    if (!address) return false;
    bool done = false;
    os::Fd fd(os::connect(*address, os::Class::Backend, &done), os::Class::Backend);
    if (!fd || !done) return false;
    pollfd readable{fd.get(), POLLIN, 0};
    char byte = 0;
    return os::poll(&readable, 1, 1000) == 1 && os::recv(fd.get(), &byte, 1, os::Class::Backend) == 1;
}

}  // namespace

Result<Database> Database::start(const Installed& installed, const BedFolder& folder, uint16_t port,
                                 const std::string& password) {
    const std::string own = folder / "database";
    if (auto written = writeFiles(installed, own, port, password); !written) return written.error();
    auto install = Child::start(installer(installed, own));
    if (!install) return install.error();
    if (!install->waitForEnd(kInstallMs)) return failed("mariadb-install-db does not end", *install);
    if (install->end() != "exit status 0") return failed("mariadb-install-db failed", *install);
    Child::Program program;
    program.argv = {installed.mariadbd, "--defaults-file=" + own + "/my.cnf"};
    program.folder = own;
    program.log = own + "/log";
    program.user = installed.workers;
    auto child = Child::start(program);
    if (!child) return child.error();
    Database database(std::move(*child), std::move(program), own + "/socket");
    if (auto ready = database.waitUntilReady(); !ready) return ready.error();
    return database;
}

Result<bool> Database::restart() {
    child_.stop();
    auto child = Child::start(program_);
    if (!child) return child.error();
    child_ = std::move(*child);
    return waitUntilReady();
}

Result<bool> Database::waitUntilReady() {
    const uint64_t until = monotonicNs() + kStartMs * 1'000'000;
    while (!greets(socket_)) {
        if (!child_.isRunning()) return failed("mariadbd ended", child_);
        if (monotonicNs() > until) return failed("mariadbd does not answer", child_);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

Result<bool> writeSqlite(const std::string& file) {
    try {
        Poco::Data::SQLite::Connector::registerConnector();
        Poco::Data::Session session("SQLite", file);
        session << "CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL)", Poco::Data::Keywords::now;
        session << "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                       std::to_string(kRows) + ") INSERT INTO words SELECT i, printf('word %05d', i) FROM n",
            Poco::Data::Keywords::now;
        return true;
    } catch (const Poco::Exception& error) {
        return Error{EIO, "cannot write " + file + ": " + error.displayText()};
    }
}

}  // namespace turnpike::measure
