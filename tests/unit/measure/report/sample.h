// sample.h - a run of all experiments that nobody measured: its trials come from a model with known costs, so that
// figures and texts have something like a real run to show.
#pragma once
#include <string>
#include <vector>

#include "measure/analysis/analysis.h"

namespace turnpike::measure {

struct Sample {
    Run run;
    std::vector<Cell> cells;
    std::vector<Trial> trials;
    Analysis analysis;
};

/// `experiments`: "E1", ...; empty: all.
Sample makeSample(const std::vector<std::string>& experiments = {}, unsigned blocks = 6);

}  // namespace turnpike::measure
