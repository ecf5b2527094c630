// ways.h - how else the page of a route could be run: the same route with other keys. Pure.
#pragma once
#include <string>
#include <vector>

#include "config/snapshot.h"

namespace turnpike::measure {

/// What this machine has to run pages with.
struct Present {
    std::string php_fpm, php_cgi;  // the programs; empty: not installed
    std::vector<std::string> plugins;
};

struct Way {
    std::string name;     // "php-fpm-unix-new"
    std::string what;     // "php-fpm over a unix socket, a connection for each request"
    config::Route route;  // that stands in the place of the one of now
    std::string missing;  // why it cannot be run here; empty: it can
    bool is_now = false;
    bool is_external = false;  // its backend is run by somebody else: its CPU is not known
};

struct Ways {
    std::vector<Way> all;   // the one of now first
    std::string why_alone;  // why it is the only one; empty: it is not
};

/// `now` answers for `path` of `site`. A way that needs a plugin which is not there is left out, one that needs a
/// program says so in `missing`. A port of a backend of our own is "127.0.0.1:0" and to be filled in.
Ways waysOf(const config::Site& site, const config::Route& now, const std::string& path, const Present& present);

}  // namespace turnpike::measure
