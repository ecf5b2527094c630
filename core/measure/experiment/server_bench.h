// server_bench.h - the runner's bench on servers that run: warm-up, a window for each trial, what it comes to.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "measure/bed/server.h"
#include "measure/experiment/judge.h"
#include "measure/experiment/runner.h"
#include "measure/load/load.h"

namespace turnpike::measure {

class ServerBench : public Bench {
 public:
    Result<Trial> measure(const Plan& plan) override;

 protected:
    explicit ServerBench(const Pace& pace) : pace_(pace) {}

    /// Of a plan's cell; it runs.
    virtual const Server& serverOf(const Plan& plan) = 0;
    /// Of mariadbd; 0: there is none.
    virtual pid_t databasePid() const { return 0; }
    /// Value of the Host field.
    virtual std::string host() const { return "localhost"; }
    /// Why a trial does not count; empty: it does.
    virtual std::vector<std::string> judge(const Plan& plan, const Window& window) const {
        return whyRejected(plan, window);
    }

    void warmUp(const Plan& plan);

 private:
    Load loadOf(const Plan& plan);

    const Pace pace_;
    std::map<std::string, double> rates_;  // requests per second of a cell, as its warm-up had them
};

}  // namespace turnpike::measure
