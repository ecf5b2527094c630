// configuration.h - the servers under test, each as a whole config file that a person can start as well. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "measure/bed/installed.h"

namespace turnpike::measure {

/// What a config file names that is not the same everywhere. All files are named relative to the config itself,
/// which lies in the bed's folder.
struct Place {
    std::string folder;             // the bed's, absolute: for what PHP must find
    uint16_t port = 0;              // of the server
    uint16_t backend_port = 0;      // of a backend that is reached over TCP
    uint16_t database_port = 0;     // of MariaDB
    std::string database_password;  // of the user who may read the one table
    std::string php_cgi;            // the program
};

/// The name begins with the experiment: "E5-responder-unix-kept".
struct Configuration {
    std::string name;
    uint32_t needs = 0;  // of Need
    std::string what;    // for the first line of the file
    std::string server;  // more lines of [server]
    std::string routes;  // of the one site; {PLACES} in braces are filled in
    /// Its runtime_folder in the bed's folder. Short: below it are sockets, whose paths have at most 107 bytes.
    std::string run_folder = {};

    std::string text(const Place& place) const;
};

/// All there are, by experiment.
const std::vector<Configuration>& configurations();
const Configuration* findConfiguration(const std::string& name);

}  // namespace turnpike::measure
