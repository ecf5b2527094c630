#include "measure/store/store.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "measure/store/database.h"
#include "measure/store/schema.h"
#include "measure/store/sql.h"
#include "os/file.h"
#include "os/local.h"
#include "os/privileges.h"

namespace turnpike::measure {
namespace {

using namespace Poco::Data::Keywords;

constexpr int kPatienceMs = 5'000;  // with a process that writes
constexpr size_t kOpenSeconds = 1;  // how long the library tries a file that it cannot open

Poco::Data::Session openFile(const std::string& file) {
    static const bool is_registered = (Poco::Data::SQLite::Connector::registerConnector(), true);
    (void)is_registered;
    // A name like "file:x" would be read as a URI.
    return {Poco::Data::SQLite::Connector::KEY, file.starts_with('/') ? file : "./" + file, kOpenSeconds};
}

/// SQLite does not wait for its turn here, so this does.
void useWriteAheadLog(Poco::Data::Session& session) {
    constexpr auto kPause = std::chrono::milliseconds(20);
    for (int waited = 0;; waited += static_cast<int>(kPause.count())) {
        try {
            std::string mode;
            session << "PRAGMA journal_mode = WAL", into(mode), now;
            return;
        } catch (const Poco::Data::SQLite::DBLockedException&) {
            if (waited >= kPatienceMs) throw;
        }
        std::this_thread::sleep_for(kPause);
    }
}

void prepare(Poco::Data::Session& session) {
    int64_t ignored = 0;
    session << "PRAGMA busy_timeout = " + std::to_string(kPatienceMs), into(ignored), now;
    sql::run(session, "PRAGMA foreign_keys = ON");
    // A trial takes seconds to measure and milliseconds to write: it may as well outlive a power cut.
    sql::run(session, "PRAGMA synchronous = FULL");
}

Result<bool> makeFolders(const std::string& file) {
    for (size_t slash = file.find('/', 1); slash != std::string::npos; slash = file.find('/', slash + 1)) {
        const std::string folder = file.substr(0, slash);
        if (os::exists(folder)) continue;
        int made = os::makeDirectory(folder, 0700);
        if (made < 0 && made != -EEXIST)
            return Error{-made, "cannot make the folder " + folder + ": " + std::strerror(-made) +
                                    " - name another file with --store"};
    }
    return true;
}

std::string fromEnvironment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && value[0] == '/' ? value : "";
}

}  // namespace

Store::Database::Database(std::string name) : file(std::move(name)), session(openFile(file)) {}

Store::Store(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

std::string Store::defaultFile() {
    const std::string name = "/turnpike/runs.db";
    std::string state = fromEnvironment("XDG_STATE_HOME");
    if (!state.empty()) return state + name;
    if (os::isRoot()) return "/var/lib" + name;
    std::string home = fromEnvironment("HOME");
    return home.empty() ? "turnpike-runs.db" : home + "/.local/state" + name;
}

Result<Store> Store::open(const std::string& file) {
    auto folders = makeFolders(file);
    if (!folders) return folders.error();
    return sql::guarded(file, [&]() -> Result<Store> {
        auto database = std::make_unique<Database>(file);
        prepare(database->session);
        auto current = bringUpToDate(database->session, file, migrations());
        if (!current) return current.error();
        useWriteAheadLog(database->session);
        return Store(std::move(database));
    });
}

}  // namespace turnpike::measure
