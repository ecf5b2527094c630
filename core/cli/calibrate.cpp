#include "measure/calibrate/calibrate.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/verbs.h"
#include "measure/calibrate/fingerprint.h"
#include "measure/calibrate/report.h"

namespace turnpike::cli {
namespace {

struct Options {
    measure::CalibrationOptions calibration;
    bool json = false;
};

int calibrate(const Options& options) {
    measure::Calibration calibration;
    auto constants = measure::calibrate(options.calibration, &calibration.notes);
    if (!constants) {
        std::fprintf(stderr, "turnpike: %s\n", constants.error().text.c_str());
        return 1;
    }
    calibration.constants = std::move(*constants);
    calibration.fingerprint = measure::takeFingerprint();
    const std::string text =
        options.json ? measure::calibrationJson(calibration) : measure::calibrationTable(calibration);
    std::fputs(text.c_str(), stdout);
    return 0;
}

}  // namespace

void addCalibrate(CLI::App& app, Action* action) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("calibrate", "Measure what crossings cost on this machine");
    verb->add_option("--batches", options->calibration.batches, "How often each cost is measured")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    verb->add_option("--mariadb", options->calibration.mariadb_socket,
                     "The socket of a MariaDB to connect to as root without password");
    verb->add_flag("--json", options->json, "Print JSON in place of a table");
    verb->callback([action, options] { *action = [options] { return calibrate(*options); }; });
}

}  // namespace turnpike::cli
