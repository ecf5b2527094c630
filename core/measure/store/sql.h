// sql.h - what this folder does with Poco::Data, in few words. Poco's exceptions pass through everything but
// guarded(), which makes sentences of them.
#pragma once
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <Poco/Exception.h>

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace turnpike::measure::sql {

/// What went wrong with `file`, and what to do.
Error sentence(const Poco::Exception& error, const std::string& file);

/// The result of `work`, which may throw what Poco throws.
template <class Work>
auto guarded(const std::string& file, Work&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const Poco::Exception& error) {
        return sentence(error, file);
    }
}

/// One statement; each '?' in it takes the next of `values`.
template <class... Values>
void run(Poco::Data::Session& session, const std::string& text, const Values&... values) {
    Poco::Data::Statement statement(session);
    statement << text;
    ((statement, Poco::Data::Keywords::bind(values)), ...);
    statement.execute();
}

/// Calls each() for every row; `statement` names, with into(), where the columns go. Text and numbers that are
/// NULL leave what was there.
template <class Each>
void eachRow(Poco::Data::Statement& statement, Each&& each) {
    statement, Poco::Data::Keywords::range(0, 1);
    while (!statement.done())
        if (statement.execute() != 0) each();
}

/// The integer of a query that gives one.
int64_t number(Poco::Data::Session& session, const std::string& text);
int64_t lastId(Poco::Data::Session& session);

/// Writing: everything until commit() happens wholly or not at all; waits for another process that writes.
/// Reading: all that is read is of one moment, whatever others write meanwhile.
class Transaction {
 public:
    enum class For : uint8_t { Reading, Writing };
    Transaction(Poco::Data::Session& session, For purpose);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

 private:
    Poco::Data::Session& session_;
    bool is_open_ = true;
};

}  // namespace turnpike::measure::sql
