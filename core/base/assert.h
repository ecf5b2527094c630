// assert.h - broken invariants stop the process, in release builds too: a wrong answer is worse than a
// worker that the master replaces.
#pragma once
#include <cstdio>
#include <cstdlib>

#define TP_ASSERT(condition)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                          \
        }                                                                                          \
    } while (false)
