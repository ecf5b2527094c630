// bed_bench.h - the runner's bench on real servers.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "measure/bed/bed.h"
#include "measure/experiment/runner.h"
#include "measure/load/load.h"

namespace turnpike::measure {

class BedBench : public Bench {
 public:
    BedBench(Bed& bed, const Pace& pace) : bed_(bed), pace_(pace) {}
    Result<bool> prepare(const std::vector<Plan>& plans) override;
    Result<Trial> measure(const Plan& plan) override;

 private:
    Result<bool> checkAnswers(const std::vector<Plan>& plans);
    Load loadOf(const Plan& plan);
    LoadOutcome runPlan(const Plan& plan, const Load& load);
    void warmUp(const Plan& plan);

    Bed& bed_;
    const Pace pace_;
    std::map<std::string, double> rates_;  // requests per second of a cell, as its warm-up had them
};

}  // namespace turnpike::measure
