// site_bed.h - private servers of one site: each with its own copy of the config, its own port and its own
// backends, all with the site's own files. They are gone when this is. One thread.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "measure/bed/folder.h"
#include "measure/bed/installed.h"
#include "measure/bed/placement.h"
#include "measure/bed/server.h"
#include "measure/site/choice.h"

namespace turnpike::measure {

/// Lengths of the answers to some requests.
struct Bodies {
    uint64_t shortest = 0, longest = 0;
};

class SiteBed {
 public:
    /// `server` and what `choice` refers to must outlive it.
    static Result<std::unique_ptr<SiteBed>> make(const Installed& installed, const config::Server& server,
                                                 const Choice& choice);

    const Choice& choice() const { return choice_; }
    const config::Server& original() const { return original_; }
    /// This thread has a processor of its own from now on.
    void keepApart() { placement_.keepApart(); }

    /// Starts a server of that name with `site`, and waits until it takes connections. One that runs is started
    /// anew.
    Result<const Server*> start(const std::string& name, const config::Site& site,
                                const std::string& access_format);
    /// Its access log stays.
    void stop(const std::string& name) { servers_.erase(name); }
    const Server& server(const std::string& name) const { return servers_.at(name); }
    std::string accessLog(const std::string& name) const { return folder_ / ("log/" + name + ".access"); }

    /// Asks for the page several times. An error: one of the answers was no 200, and which.
    Result<Bodies> ask(const Server& server) const;

 private:
    SiteBed(BedFolder folder, std::string program, const config::Server& server, const Choice& choice)
        : folder_(std::move(folder)), program_(std::move(program)), original_(server), choice_(choice) {}

    const BedFolder folder_;
    const std::string program_;
    const config::Server& original_;
    const Choice choice_;
    Placement placement_{SIZE_MAX};
    Ports ports_;
    unsigned started_ = 0;
    std::map<std::string, Server> servers_;
};

}  // namespace turnpike::measure
