// ledger.h - who paid how many crossings into the kernel.
//
// Every wrapper in os/ calls count() once per system call. The payer is the thread's current account: that of
// the request being worked on, or the worker's own. One thread writes one account; accounts in shared memory
// are read by the master without a lock (each counter is a whole word, so a reader sees a recent value).
#pragma once
#include <cstddef>
#include <cstdint>

#include "sdk/plugin.h"

namespace turnpike::ledger {

/// What a call was made for; the ABI's numbers.
enum class Class : uint8_t {
    Client = TP_CLASS_CLIENT,
    Backend = TP_CLASS_BACKEND,
    File = TP_CLASS_FILE,
    Event = TP_CLASS_EVENT,
    Spawn = TP_CLASS_SPAWN,
    Listen = TP_CLASS_LISTEN,
    Log = TP_CLASS_LOG,
};
inline constexpr size_t kClasses = TP_CLASS_COUNT;

/// The lower-case name that logs, `turnpike status` and reports use.
const char* name(Class c);

/// Crossings by class. `event_milli` is the account's share, in thousandths of a call, of event calls that
/// served several requests at once; those calls are counted in the worker's own account.
struct Account {
    tp_crossing of[kClasses] = {};
    uint64_t event_milli = 0;

    void add(const Account& other);
    uint64_t calls() const;
};

namespace detail {
extern constinit thread_local Account own;       // of a thread that nobody gave an account to
extern constinit thread_local Account* current;  // null: `own`
extern constinit bool on;
}  // namespace detail

/// False: nothing is counted, so that what counting itself costs can be measured (`server.ledger`).
inline bool isOn() { return detail::on; }
/// For the whole process, before its first request; processes begin with it on.
void turnOff();

/// The account that the calling thread's system calls are charged to.
inline Account& payer() { return detail::current != nullptr ? *detail::current : detail::own; }

/// One system call: `result` as the kernel gave it (-errno on failure); `moved` whether it counts bytes.
inline void count(Class c, int64_t result, bool moved) {
    if (!isOn()) return;
    tp_crossing& to = payer().of[static_cast<size_t>(c)];
    ++to.calls;
    if (result < 0)
        ++to.errors;
    else if (moved)
        to.bytes += static_cast<uint64_t>(result);
}

/// `calls` of one kind that cannot fail and move nothing.
inline void countMany(Class c, uint64_t calls) {
    if (isOn()) payer().of[static_cast<size_t>(c)].calls += calls;
}

/// Charges the calls of a block to `account`.
class Scope {
 public:
    explicit Scope(Account& account) : before_(detail::current) { detail::current = &account; }
    ~Scope() { detail::current = before_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

 private:
    Account* before_;
};

}  // namespace turnpike::ledger
