// status.h - what fpm_get_status() tells: the interpreters of this site, as PHP-FPM describes its pool.
//
// Threads: none; one pool per process.
#pragma once
#include <php.h>

#include "scoreboard.h"

namespace turnpike::php {

/// Borrowed for the life of the process.
struct Pool {
    const char *name = "", *manager = "";
    Scoreboard* board = nullptr;
};

void showPool(const Pool& pool);
/// Makes `value` an array with PHP-FPM's keys. False: this process belongs to no pool.
bool describePool(zval* value);

}  // namespace turnpike::php
