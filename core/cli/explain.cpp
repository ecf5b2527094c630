#include "config/explain.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/verbs.h"

namespace turnpike::cli {
namespace {

int print(const std::string& text, bool found) {
    std::fputs(text.c_str(), found ? stdout : stderr);
    return found ? 0 : 1;
}

int explain(const std::string& key) {
    if (key.empty()) return print(config::explainAll(), true);
    bool found = false;
    std::string text = config::explain(key, &found);
    return print(text, found);
}

struct Options {
    std::string key;
    bool markdown = false;
};

}  // namespace

void addExplain(CLI::App& app, Action* action) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("explain", "Tell what a configuration key means");
    verb->add_option("KEY", options->key,
                     "For example limits.header, or a section like [server]; none: all of them");
    verb->add_flag("--markdown", options->markdown, "Print the whole manual page of the configuration");
    verb->callback([action, options] {
        *action = [options] { return options->markdown ? print(config::manual(), true) : explain(options->key); };
    });
}

}  // namespace turnpike::cli
