// options.h - the command line of turnpike-php.
#pragma once
#include <cstdint>
#include <string>

#include "sapi.h"

namespace turnpike::php {

enum class Mode : uint8_t {
    Static,    // as many interpreters as there may be, from the start
    Dynamic,   // `spare` wait for work, up to as many as there may be
    OnDemand,  // none until there is work
};

struct Options {
    std::string name;  // of the pool, for those who ask
    unsigned children = 4;
    Mode mode = Mode::Static;
    unsigned spare = 1;
    uint64_t idle_ms = 10'000;    // one that waits longer, and is not a spare one, ends
    uint64_t recycle = 0;         // requests; 0: never
    uint64_t recycle_memory = 0;  // bytes of the process's own; 0: never
    uint64_t run_ms = 0;          // 0: for ever
    uint64_t grace_ms = 5'000;    // for requests that run when all of it shall end
    PhpSettings php;
};

const char* modeName(Mode mode);

/// Throws std::invalid_argument with a line for the user.
Options parseOptions(int count, char** arguments);
extern const char* const kUsage;

}  // namespace turnpike::php
