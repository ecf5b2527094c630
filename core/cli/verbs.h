// verbs.h - the verbs of the program. One file each: it adds its options to the command line and sets what is to
// run.
#pragma once
#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace turnpike::cli {

/// What was asked for, to run once the command line is parsed; its result is the exit status.
using Action = std::function<int()>;

/// Each adds one subcommand to `app`; when it is chosen, *action is set.
void addBenchSite(CLI::App& app, Action* action);
void addCalibrate(CLI::App& app, Action* action);
void addCheck(CLI::App& app, Action* action);
void addCompare(CLI::App& app, Action* action);
void addExplain(CLI::App& app, Action* action);
void addLoad(CLI::App& app, Action* action);
void addMeasure(CLI::App& app, Action* action);
void addMetrics(CLI::App& app, Action* action);
void addPlugins(CLI::App& app, Action* action);
void addPurge(CLI::App& app, Action* action);
void addReload(CLI::App& app, Action* action);
void addReport(CLI::App& app, Action* action);
void addRuns(CLI::App& app, Action* action);
void addServe(CLI::App& app, Action* action);
void addStatus(CLI::App& app, Action* action);
void addStop(CLI::App& app, Action* action);
void addToll(CLI::App& app, Action* action);
void addVerdict(CLI::App& app, Action* action);
void addVersion(CLI::App& app, Action* action);

/// `-c FILE`, common to the verbs that read the config. `file` must live as long as `verb`.
void addConfigOption(CLI::App& verb, std::string* file);

}  // namespace turnpike::cli
