// site_rules.h - what must hold beyond a single key: between sites, between the conditions of a route, and between
// a site and the disk.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "config/machine.h"
#include "config/site_reader.h"

namespace turnpike::config {

class SiteRules {
 public:
    SiteRules(const Files& files, std::vector<Problem>& problems) : files_(files), problems_(problems) {}

    /// One site after the other, in the order of the files.
    void check(const ReadSite& read);

 private:
    void checkName(const ReadSite& read);
    void checkHosts(const ReadSite& read);
    void checkRoot(const ReadSite& read);
    void checkRoutes(const ReadSite& read);
    void checkRouteRoot(const Route& route, const Position& at);

    const Files& files_;
    std::vector<Problem>& problems_;
    std::map<std::string, Position> names_;
    struct Taken {
        std::string site;
        Position at;
    };
    std::map<std::string, Taken> hosts_;
};

/// Why no path can meet all conditions of `match`, or empty when one may.
std::string contradiction(const Match& match);

}  // namespace turnpike::config
