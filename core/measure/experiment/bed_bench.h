// bed_bench.h - the servers of the matrix, on the bed.
#pragma once
#include <string>
#include <vector>

#include "measure/bed/bed.h"
#include "measure/experiment/server_bench.h"

namespace turnpike::measure {

class BedBench : public ServerBench {
 public:
    BedBench(Bed& bed, const Pace& pace) : ServerBench(pace), bed_(bed) {}
    Result<bool> prepare(const std::vector<Plan>& plans) override;

 private:
    const Server& serverOf(const Plan& plan) override { return *bed_.server(plan.cell.config); }
    pid_t databasePid() const override { return bed_.databasePid(); }
    Result<bool> checkAnswers(const std::vector<Plan>& plans);

    Bed& bed_;
};

}  // namespace turnpike::measure
