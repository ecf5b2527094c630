// call.h - the one place where a system call is made, retried and counted. Private to os/.
#pragma once
#include <cerrno>
#include <cstdint>

#include "ledger/ledger.h"

namespace turnpike::os {

/// Runs `f` (which returns -1 and sets errno) until it is not interrupted; each try counts.
template <class F>
inline int64_t call(ledger::Class c, bool moves_bytes, F f) {
    for (;;) {
        int64_t result = f();
        if (result < 0) result = -errno;
        ledger::count(c, result, moves_bytes);
        if (result != -EINTR) return result;
    }
}

}  // namespace turnpike::os
