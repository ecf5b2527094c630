#include <CLI/CLI.hpp>

#include "cli/verbs.h"

namespace turnpike::cli {

void addConfigOption(CLI::App& verb, std::string* file) {
    *file = TURNPIKE_CONFIG_FILE;
    verb.add_option("-c,--config", *file, "The configuration file")->capture_default_str();
}

}  // namespace turnpike::cli
