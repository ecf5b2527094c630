// read_files.h - a config file and all that it includes, parsed.
#pragma once
#include <string>
#include <vector>

#include "config/document.h"
#include "config/machine.h"

namespace turnpike::config {

struct File {
    std::string name;  // as messages show it
    std::string path;  // absolute
    Node root;
};

/// `name` first, then each file where it was included. A file that cannot be read or parsed is a problem, and the
/// rest is read on.
std::vector<File> readFiles(const std::string& name, const Files& files, const Machine& machine,
                            std::vector<Problem>& problems);

}  // namespace turnpike::config
