#include "measure/analysis/view.h"

#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "synthetic.h"

namespace turnpike::measure {
namespace {

using Poco::JSON::Object;
using testing::AllOf;
using testing::HasSubstr;

Object::Ptr parsed(const std::string& text) { return Poco::JSON::Parser().parse(text).extract<Object::Ptr>(); }

Synthetic cgiRun(uint64_t seed = 1) {
    Synthetic run(6, seed);
    run.addSame();
    Costs costs;
    costs.backend_us = 480;
    run.add("E4/c-static/single", {{"program", "c-static"}}, costs);
    return run;
}

TEST(VerdictView, SaysClaimLevelSentenceAndChecks) {
    EXPECT_THAT(
        verdictText(cgiRun().analysed()),
        AllOf(HasSubstr("Run 7, Turnpike 0.1.0, Linux 6.1.0, Paper 9000"), HasSubstr("can be seen in it (A/A)"),
              HasSubstr("Claim 2: CGI has the same handicap"), HasSubstr("  supported   CGI (static C program)\n"),
              HasSubstr("  PASS         V9 "), HasSubstr("  not measured V1 ")));
}

TEST(VerdictView, KeepsLinesReadable) {
    Analysis analysis;
    Verdict verdict;
    verdict.sentence = "one";
    for (int i = 0; i < 100; ++i) verdict.sentence += " word";
    analysis.verdicts.push_back(verdict);
    std::istringstream lines(verdictText(analysis));
    size_t words = 0;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(line.size(), 110u) << line;
        for (size_t at = line.find("word"); at != std::string::npos; at = line.find("word", at + 1)) ++words;
    }
    EXPECT_EQ(words, 100u);
}

TEST(VerdictView, SaysThatThereIsNothingToJudge) {
    EXPECT_THAT(verdictText(Synthetic(2).analysed()), HasSubstr("No verdict"));
}

TEST(VerdictView, GivesTheSameToPrograms) {
    Synthetic run = cgiRun();
    run.forget("wake_same_cpu");
    Object::Ptr json = parsed(verdictJson(run.analysed({0.05, 0.2})));
    EXPECT_DOUBLE_EQ(json->getValue<double>("supported_below"), 0.05);
    EXPECT_EQ(json->getObject("run")->getObject("machine")->getValue<std::string>("kernel"), "Linux 6.1.0");
    EXPECT_EQ(json->getObject("same")->getValue<int>("blocks"), 6);
    Object::Ptr verdict = json->getArray("verdicts")->getObject(0);
    EXPECT_EQ(verdict->getValue<std::string>("level"), "no evidence");
    EXPECT_TRUE(verdict->isNull("gain"));
    EXPECT_EQ(json->getArray("bounds")->getObject(0)->getValue<std::string>("missing"), "wake_same_cpu");
    EXPECT_TRUE(json->isNull("pollution"));
    EXPECT_EQ(json->getArray("checks")->size(), 16u);
}

Comparison worse() {
    Synthetic before = cgiRun(1), after = cgiRun(2);
    after.data.run.fingerprint[1].value = "Paper 9001";
    for (Trial& trial : after.data.trials)
        trial.crossings.of[size_t(ledger::Class::Client)].calls += trial.requests;
    return compareRuns(before.data, after.data);
}

TEST(ComparisonView, NamesRegressionsAndSaysWhatTimesAreWorth) {
    EXPECT_THAT(
        comparisonText(worse()),
        AllOf(HasSubstr("not the same machine: cpu: Paper 9000 -> Paper 9001"),
              HasSubstr("REGRESSION E4/c-static/single: client calls per request 2.00 -> 3.00"),
              HasSubstr("weaker than a paired ratio"), HasSubstr("over E0/aa"), HasSubstr("over null_syscall")));
}

TEST(ComparisonView, SaysWhenNothingChanged) {
    EXPECT_THAT(comparisonText(compareRuns(cgiRun(1).data, cgiRun(2).data)),
                HasSubstr("no class of any cell has changed"));
    EXPECT_THAT(comparisonText(Comparison{}), HasSubstr("none can be related"));
}

TEST(ComparisonView, GivesTheSameToPrograms) {
    Object::Ptr json = parsed(comparisonJson(worse()));
    EXPECT_TRUE(json->getValue<bool>("regression"));
    EXPECT_EQ(json->getArray("counts")->size(), 3u);
    EXPECT_EQ(json->getArray("counts")->getObject(0)->getValue<std::string>("class"), "client");
    EXPECT_EQ(json->getArray("machine_differences")->getElement<std::string>(0), "cpu: Paper 9000 -> Paper 9001");
    EXPECT_FALSE(json->getArray("times")->getObject(0)->isNull("ratio"));
}

}  // namespace
}  // namespace turnpike::measure
