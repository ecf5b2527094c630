// The command line: finds the verb, runs it, and is the last to catch.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "cli/verbs.h"

namespace turnpike::cli {
namespace {

using Adder = void (*)(CLI::App&, Action*);
constexpr Adder kVerbs[] = {addServe,  addCheck, addReload,  addStop,      addStatus,    addMetrics, addPurge,
                            addToll,   addLoad,  addMeasure, addBenchSite, addCalibrate, addVerdict, addCompare,
                            addReport, addRuns,  addExplain, addPlugins,   addVersion};

constexpr int kWrongUsage = 2;

int run(int argc, char** argv) {
    CLI::App app("A web server for dynamic sites that shows what each request pays to cross the kernel",
                 "turnpike");
    app.require_subcommand(0, 1);
    Action action;
    for (Adder add : kVerbs) add(app, &action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : kWrongUsage;  // CLI11 numbers its errors from 100 on
    }
    if (action) return action();
    std::fputs(app.help().c_str(), stderr);
    return kWrongUsage;
}

}  // namespace
}  // namespace turnpike::cli

int main(int argc, char** argv) {
    try {
        return turnpike::cli::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "turnpike: %s\n", error.what());
        return 1;
    }
}
