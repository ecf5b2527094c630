// sample_costs.h - the model behind sample.h: what a request of a cell costs.
#pragma once
#include "measure/store/model.h"

namespace turnpike::measure {

struct Cost {
    double engine = 18, backend = 0, database = 0, latency = 45;  // microseconds
    double client = 2, backend_calls = 0, file = 2, event = 1, listen = 0;
    double client_bytes = 700, backend_bytes = 0, file_bytes = 0;
    double connections = 1;
};

Cost costOf(const Cell& cell);

}  // namespace turnpike::measure
