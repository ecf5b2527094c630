#include "measure/store/sql.h"

#include <Poco/Data/SQLite/SQLiteException.h>

namespace turnpike::measure::sql {

using namespace Poco::Data::Keywords;

namespace {

template <class... Kinds>
bool isAny(const Poco::Exception& error) {
    return ((dynamic_cast<const Kinds*>(&error) != nullptr) || ...);
}

}  // namespace

Error sentence(const Poco::Exception& error, const std::string& file) {
    using namespace Poco::Data::SQLite;
    const std::string said = error.message().empty() ? error.displayText() : error.message();
    if (isAny<DBLockedException, TableLockedException, LockProtocolException>(error))
        return {EBUSY, file +
                           " is in use by another process that does not let go of it: try again when that is "
                           "done (fuser " +
                           file + " names it)"};
    if (isAny<DatabaseFullException>(error))
        return {ENOSPC,
                "the disk that holds " + file + " is full: make room there, or move the store with --store"};
    if (isAny<ReadOnlyException, DBAccessDeniedException>(error))
        return {EACCES, file +
                            " cannot be written: give yourself the right to it and its folder, or name another "
                            "file with --store"};
    if (isAny<CantOpenDBFileException, Poco::Data::ConnectionFailedException>(error))
        return {EACCES, file +
                            " cannot be opened: see that it is a file, that it and its folder may be written, and "
                            "that the disk is not full; or name another file with --store"};
    if (isAny<CorruptImageException>(error))
        return {EBADMSG, file + " is damaged or no store of Turnpike (" + said +
                             "): move it away, or name another file with --store"};
    if (isAny<IOErrorException>(error))
        return {EIO,
                file + " cannot be read or written: " + said + " - see the disk's free space, limits and log"};
    return {EIO, file + ": " + said};
}

int64_t number(Poco::Data::Session& session, const std::string& text) {
    int64_t value = 0;
    session << text, into(value), now;
    return value;
}

int64_t lastId(Poco::Data::Session& session) { return number(session, "SELECT last_insert_rowid()"); }

Transaction::Transaction(Poco::Data::Session& session, For purpose) : session_(session) {
    // At once for writing: one that begins to read and then wants to write may find that it cannot.
    run(session_, purpose == For::Writing ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
    if (!is_open_) return;
    try {
        run(session_, "ROLLBACK");
    } catch (const Poco::Exception&) {
        // SQLite has rolled back already, as it does when the disk is full.
        is_open_ = false;
    }
}

void Transaction::commit() {
    run(session_, "COMMIT");
    is_open_ = false;
}

}  // namespace turnpike::measure::sql
