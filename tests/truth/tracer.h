// tracer.h - strace on the worker of a running server, and marks at which the ledger and the trace say where they
// are. Every wait is bounded.
#pragma once
#include <sys/types.h>

#include <map>
#include <string>

#include "ledger/ledger.h"
#include "outside_count.h"
#include "support/server_process.h"
#include "trace.h"

namespace turnpike::truth {

/// A sanitizer's runtime makes system calls of its own: nothing can be counted from outside then.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

class Tracer {
 public:
    explicit Tracer(const ServerProcess& server);
    ~Tracer();
    Tracer(const Tracer&) = delete;
    Tracer& operator=(const Tracer&) = delete;

    /// Why strace could not be attached; empty: it is.
    const std::string& problem() const { return problem_; }

    struct Mark {
        size_t calls = 0;         // of the trace
        ledger::Account account;  // what the worker has paid
        bool is_quiet = false;    // false: the worker never came to rest
    };
    /// Waits until the worker has nothing to do.
    Mark mark();
    /// What was seen from outside between two marks.
    Count between(const Mark& from, const Mark& to);

 private:
    void readMore();

    const ServerProcess& server_;
    std::string file_, problem_;
    size_t read_ = 0;
    pid_t pid_ = -1;
    Trace trace_;
    OutsideCount count_;
    size_t counted_ = 0;
};

/// The `crossings` of a line of the JSON access log, or of a worker in the status.
ledger::Account accountOf(const std::string& json_object);

}  // namespace turnpike::truth
