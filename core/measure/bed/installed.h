// installed.h - what the bed can put under test on this machine: the programs that came with Turnpike, and PHP and
// MariaDB as far as they are installed.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "os/privileges.h"

namespace turnpike::measure {

/// What a configuration needs besides the server, as bits.
enum Need : uint32_t {
    kResponder = 1,
    kPhpFpm = 2,
    kPhpCgi = 4,
    kSqlite = 8,
    kMariaDb = 16,
    kEmbeddedPhp = 32,
};

struct Installed {
    std::string program;  // this one
    std::string plugins;  // the server's
    std::string things;   // what came with the program to be put under test
    std::string responder, php_fpm, php_cgi, mariadbd, mariadb_install;  // empty: not there
    bool has_pdo_sqlite = false, has_pdo_mysql = false, has_embedded_php = false;
    std::optional<os::Identity> workers;  // whom servers run as that root starts; absent: the caller

    /// All that is asked for and not there, as a sentence that says what to install; empty: nothing is missing.
    std::string missing(uint32_t needs) const;
};

/// Looks, starts nothing. `program`: the Turnpike to put under test, absolute. Fails when what came with it is not
/// there.
Result<Installed> findInstalled(const std::string& program);

}  // namespace turnpike::measure
