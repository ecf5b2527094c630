#include "ledger/ledger.h"

namespace turnpike::ledger {

const char* name(Class c) {
    static constexpr const char* kNames[kClasses] = {"client", "backend", "file", "event",
                                                     "spawn",  "listen",  "log"};
    return kNames[static_cast<size_t>(c)];
}

void Account::add(const Account& other) {
    for (size_t i = 0; i < kClasses; ++i) {
        of[i].calls += other.of[i].calls;
        of[i].errors += other.of[i].errors;
        of[i].bytes += other.of[i].bytes;
    }
    event_milli += other.event_milli;
}

uint64_t Account::calls() const {
    uint64_t sum = 0;
    for (const tp_crossing& c : of) sum += c.calls;
    return sum;
}

namespace detail {
constinit thread_local Account own;
constinit thread_local Account* current = nullptr;
constinit bool on = true;
}  // namespace detail

void turnOff() { detail::on = false; }

}  // namespace turnpike::ledger
