// report.h - a calibration as people and as programs read it. Pure.
#pragma once
#include <string>
#include <vector>

#include "measure/store/model.h"

namespace turnpike::measure {

struct Calibration {
    Fingerprint fingerprint;
    std::vector<Constant> constants;
    std::vector<std::string> notes;
};

/// One line a constant with its spread and what it is, then the notes and the fingerprint.
std::string calibrationTable(const Calibration& calibration);
/// An object with "fingerprint", "constants" and "notes".
std::string calibrationJson(const Calibration& calibration);

}  // namespace turnpike::measure
