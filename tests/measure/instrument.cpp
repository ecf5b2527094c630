#include "measure/instrument.h"

#include <sys/stat.h>

#include <filesystem>

#include "support/server_process.h"

namespace turnpike::measure {

Instrument::Instrument() {
    ::chmod(folder_.path().c_str(), 0755);  // workers of servers that root starts are somebody else
    std::filesystem::create_directory(path("tmp"));
}

int Instrument::runVerb(const std::string& verb) {
    return runProgram(
        "TMPDIR=" + path("tmp") + " " TURNPIKE_PROGRAM " " + verb + " --store " + storePath() + " 2>&1", &output_);
}

RunningProgram Instrument::start(const std::vector<std::string>& arguments) const {
    std::vector<std::string> argv = {
        "/usr/bin/env", "TMPDIR=" + path("tmp"), TURNPIKE_PROGRAM, "measure", "--store", storePath()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return {argv, path("output.log")};
}

std::vector<Cell> Instrument::cells() const {
    auto store = Store::open(storePath());
    auto run = store ? store->find("last") : Result<Run>(store.error());
    auto cells = run ? store->cells(run->id) : Result<std::vector<Cell>>(run.error());
    return cells ? *cells : std::vector<Cell>();
}

std::vector<Trial> Instrument::trials() const {
    auto store = Store::open(storePath());
    auto run = store ? store->find("last") : Result<Run>(store.error());
    auto trials = run ? store->trials(run->id) : Result<std::vector<Trial>>(run.error());
    return trials ? *trials : std::vector<Trial>();
}

std::vector<std::string> Instrument::leftovers() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path("tmp"))) names.push_back(entry.path());
    return names;
}

std::string missing(uint32_t needs) {
    auto installed = findInstalled(TURNPIKE_PROGRAM);
    return installed ? installed->missing(needs) : installed.error().text;
}

}  // namespace turnpike::measure
