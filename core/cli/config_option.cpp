#include <CLI/CLI.hpp>

#include "cli/verbs.h"
#include "config/defaults.h"

namespace turnpike::cli {

void addConfigOption(CLI::App& verb, std::string* file) {
    *file = config::defaultConfig(config::thisMachine(), config::diskFiles());
    verb.add_option("-c,--config", *file, "The configuration file")->capture_default_str();
}

}  // namespace turnpike::cli
