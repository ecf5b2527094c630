#include "measure/analysis/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synthetic.h"

namespace turnpike::measure {
namespace {

using ledger::Class;
using testing::HasSubstr;
using State = Check::State;

void addStatic(Synthetic& run) {
    run.add("E1/4096/sendfile/kept/single", {{"size", "4096"}, {"send", "sendfile"}, {"connection", "kept"}}, {});
}

TEST(Checks, NeedingATracerSayThatThereWasNone) {
    Synthetic run(3);
    addStatic(run);
    Analysis analysis = run.analysed();
    for (const char* id : {"V1", "V2", "V3", "V5", "V6", "V7"}) {
        EXPECT_EQ(checkOf(analysis, id).state, State::NotMeasured);
        EXPECT_THAT(checkOf(analysis, id).detail, HasSubstr("tracer"));
    }
    EXPECT_EQ(checkOf(analysis, "V11").state, State::NotMeasured);
}

TEST(Checks, OfBytesPassOnlyWhenNoByteIsMissing) {
    Synthetic run(3);
    addStatic(run);
    EXPECT_EQ(checkOf(run.analysed(), "V4").state, State::Pass);
    run.data.trials[1].received -= 1;
    Check check = checkOf(run.analysed(), "V4");
    EXPECT_EQ(check.state, State::Fail);
    EXPECT_THAT(check.detail, HasSubstr("E1/4096/sendfile/kept/single, block 1"));
}

TEST(Checks, OfBytesSeeAWholeResponseThatIsMissing) {
    Synthetic run(3);
    addStatic(run);
    run.data.trials[2].received -= run.requests;  // one byte of each
    EXPECT_EQ(checkOf(run.analysed(), "V4").state, State::Fail);
}

TEST(Checks, OfBytesNeedOnePageOverOneConnection) {
    Synthetic run(3);
    run.add("E9/30/php/single", {{"dynamic", "30"}, {"page", "php"}}, {});
    run.add("E1/4096/sendfile/kept/saturation", {{"size", "4096"}}, {});
    EXPECT_EQ(checkOf(run.analysed(), "V4").state, State::NotMeasured);
}

TEST(Checks, OfLittlesLawNameTheCellThatBreaksIt) {
    Synthetic run(4);
    addStatic(run);
    run.add("E4/c-static/single", {{"program", "c-static"}}, {});
    EXPECT_EQ(checkOf(run.analysed(), "V8").state, State::Pass);
    for (Trial& trial : run.data.trials)
        if (trial.cell == "E4/c-static/single") trial.elapsed_ns = trial.elapsed_ns * 104 / 100;
    Check check = checkOf(run.analysed(), "V8");
    EXPECT_EQ(check.state, State::Fail);
    EXPECT_THAT(check.detail, HasSubstr("E4/c-static/single"));
    EXPECT_THAT(check.detail, HasSubstr("0.96"));
}

TEST(Checks, OfLittlesLawTakeTheConnectionsThatWereNoted) {
    Synthetic run(4);
    run.add("E4/c-static/saturation", {{"program", "c-static"}}, {});
    EXPECT_EQ(checkOf(run.analysed(), "V8").state, State::NotMeasured);
    for (Trial& trial : run.data.trials) {
        trial.extra["connections"] = 8;
        trial.elapsed_ns /= 8;
    }
    EXPECT_EQ(checkOf(run.analysed(), "V8").state, State::Pass);
    for (Trial& trial : run.data.trials) trial.extra["connections"] = 9;
    EXPECT_EQ(checkOf(run.analysed(), "V8").state, State::Fail);
}

TEST(Checks, OfTheSameCellsFailWhenTheyDiffer) {
    Synthetic run;
    run.addSame();
    EXPECT_EQ(checkOf(run.analysed(), "V9").state, State::Pass);
    for (Trial& trial : run.data.trials)
        if (trial.cell == "E0/aa/2/single") trial.engine_ns = trial.engine_ns * 103 / 100;
    EXPECT_EQ(checkOf(run.analysed(), "V9").state, State::Fail);
    EXPECT_EQ(checkOf(Synthetic(3).analysed(), "V9").state, State::NotMeasured);
}

/// CPU of a request with k injected calls.
Synthetic injected(double (*us)(double k)) {
    Synthetic run;
    for (int calls : {0, 50, 200, 1000}) {
        Costs costs;
        costs.engine_us = us(calls);
        costs.latency_us = 40 + us(calls);
        run.add("E0/inject/" + std::to_string(calls) + "/single",
                {{"probe", "inject"}, {"calls", std::to_string(calls)}}, costs);
    }
    return run;
}

TEST(Checks, OfInjectionWantALineAndNoCallBelowABareOne) {
    EXPECT_EQ(checkOf(injected([](double k) { return 20 + 0.15 * k; }).analysed(), "V10").state, State::Pass);
    EXPECT_EQ(checkOf(injected([](double k) { return 20 + 0.06 * k; }).analysed(), "V10").state, State::Fail);
    EXPECT_EQ(checkOf(injected([](double k) { return 20 + 100 * (k > 0) + 0.15 * k; }).analysed(), "V10").state,
              State::Fail);
    EXPECT_THAT(checkOf(injected([](double k) { return 20 + 0.15 * k; }).analysed(), "V10").detail,
                testing::ContainsRegex("^CPU 1[45].*; latency 1[45].* R2 [01][.].*; a bare call 120 ns$"));
    Synthetic uncalibrated = injected([](double k) { return 20 + 0.15 * k; });
    uncalibrated.forget("null_syscall");
    EXPECT_EQ(checkOf(uncalibrated.analysed(), "V10").state, State::NotMeasured);
    EXPECT_EQ(checkOf(Synthetic(3).analysed(), "V10").state, State::NotMeasured);
}

TEST(Checks, ShowWhatWasRejectedAndWhy) {
    Synthetic run;
    addStatic(run);
    run.data.trials[0].rejected = {"the hypervisor took CPU time: 3.1 %", "no request"};
    run.data.trials[1].rejected = {"the hypervisor took CPU time: 2.8 %"};
    Check check = checkOf(run.analysed(), "R");
    EXPECT_EQ(check.state, State::Pass);
    EXPECT_EQ(check.detail, "2 of 10 trials rejected; no request (1); the hypervisor took CPU time (2)");
}

TEST(Checks, OfRejectedTrialsFailOnlyForBlocksThatWereLost) {
    Synthetic run;
    addStatic(run);
    for (size_t i = 0; i < 4; ++i) run.data.trials[i].rejected = {"foreign"};
    Check check = checkOf(run.analysed(), "R");
    EXPECT_EQ(check.state, State::Fail);
    EXPECT_THAT(check.detail, HasSubstr("too many of E1/4096"));
    Trial again = run.data.trials[0];
    again.rejected.clear();
    run.data.trials.push_back(again);
    EXPECT_EQ(checkOf(run.analysed(), "R").state, State::Pass);
}

Check ledgerCheck(double on_us, double noise) {
    Synthetic run;
    run.noise = noise;
    for (const char* arm : {"on", "off"}) {
        Costs costs;
        costs.latency_us = arm == std::string("on") ? on_us : 100;
        run.add(std::string("E0/ledger/") + arm + "/saturation", {{"probe", "ledger"}, {"ledger", arm}}, costs);
    }
    return checkOf(run.analysed(), "E0");
}

TEST(Checks, OfTheLedgersOverheadAreSureOrSayThatTheyAreNot) {
    EXPECT_EQ(ledgerCheck(100.5, 0.002).state, State::Pass);
    EXPECT_EQ(ledgerCheck(104, 0.002).state, State::Fail);
    EXPECT_EQ(ledgerCheck(101, 0.05).state, State::NotMeasured);
    EXPECT_EQ(ledgerCheck(104, 0.1).state, State::NotMeasured)
        << "an interval decides, not the value in its middle";
    EXPECT_THAT(ledgerCheck(101, 0.05).detail, HasSubstr("too uncertain"));
    EXPECT_EQ(checkOf(Synthetic(3).analysed(), "E0").state, State::NotMeasured);
}

Check processCheck(double in_process_us) {
    Synthetic run;
    Costs cgi, control;
    cgi.backend_us = 480;
    control.engine_us = in_process_us;
    run.add("E4/c-dynamic/single", {{"program", "c-dynamic"}}, cgi);
    run.add("E4/in-process/single", {{"program", "in-process"}}, control);
    return checkOf(run.analysed(), "E4");
}

TEST(Checks, OfTheProcessWantNearlyAllOfACgiRequest) {
    EXPECT_EQ(processCheck(15).state, State::Pass);  // 97 %
    EXPECT_THAT(processCheck(15).detail, HasSubstr("CGI (dynamic C program): 97."));
    EXPECT_EQ(processCheck(40).state, State::Fail);  // 92 %
    EXPECT_EQ(checkOf(Synthetic(3).analysed(), "E4").state, State::NotMeasured);
}

Check transportCheck(double tcp_us) {
    Synthetic run;
    for (const char* transport : {"unix", "tcp"}) {
        Costs costs;
        costs.engine_us = transport == std::string("tcp") ? tcp_us : 40;
        run.add(std::string("E5/responder/") + transport + "/kept/1024/single",
                {{"backend", "responder"}, {"transport", transport}, {"connection", "kept"}, {"body", "1024"}},
                costs);
    }
    return checkOf(run.analysed(), "E5");
}

TEST(Checks, OfTheTransportFindADifferenceOnlyWhereThereIsOne) {
    EXPECT_EQ(transportCheck(44).state, State::Pass);
    EXPECT_EQ(transportCheck(40).state, State::Fail);
    EXPECT_EQ(checkOf(Synthetic(3).analysed(), "E5").state, State::NotMeasured);
}

Check queryCheck(double each_us) {
    Synthetic run;
    for (int queries : {0, 1, 5, 20, 50}) {
        Costs costs;
        costs.engine_us = 300 + each_us * queries;
        costs.latency_us = 2 * costs.engine_us;
        run.add("E7/sqlite/persistent/text/" + std::to_string(queries) + "/single",
                {{"database", "sqlite"},
                 {"connection", "persistent"},
                 {"statement", "text"},
                 {"queries", std::to_string(queries)}},
                costs);
    }
    return checkOf(run.analysed(), "E7");
}

TEST(Checks, OfQueriesWantACostThatExcludesZero) {
    EXPECT_EQ(queryCheck(10).state, State::Pass);
    EXPECT_THAT(queryCheck(10).detail, HasSubstr("sqlite, persistent, text"));
    EXPECT_EQ(queryCheck(0).state, State::Fail);
    EXPECT_EQ(checkOf(Synthetic(3).analysed(), "E7").state, State::NotMeasured);
}

}  // namespace
}  // namespace turnpike::measure
