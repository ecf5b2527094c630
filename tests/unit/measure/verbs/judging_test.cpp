// `turnpike verdict` and `turnpike compare`, on runs whose numbers are known.
#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../analysis/synthetic.h"
#include "measure/store/store.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace turnpike::measure {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class JudgingVerbs : public testing::Test {
 protected:
    /// A CGI run, each of whose requests makes so many client calls.
    void store(const std::string& name, double client_calls) {
        Synthetic run(6);
        run.addSame();
        Costs costs;
        costs.backend_us = 80;
        costs.calls[ledger::Class::Client] = client_calls;
        run.add("E4/c-static/single", {{"program", "c-static"}}, costs);
        run.data.run.name = name;
        auto to = Store::open(file());
        ASSERT_TRUE(to) << to.error().text;
        auto id = to->begin(run.data.run, run.data.cells);
        ASSERT_TRUE(id) << id.error().text;
        for (const Trial& trial : run.data.trials) ASSERT_TRUE(to->add(*id, trial));
    }
    std::string file() const { return folder_.path() + "/runs.db"; }
    std::string said(const std::string& arguments, int status) const {
        std::string output;
        EXPECT_EQ(runProgram(TURNPIKE_PROGRAM " " + arguments + " --store " + file() + " 2>&1", &output), status)
            << arguments << "\n"
            << output;
        return output;
    }

 private:
    TempFolder folder_;
};

TEST_F(JudgingVerbs, TellWhatTheLastRunSays) {
    store("first", 2);
    EXPECT_THAT(said("verdict", 0), AllOf(HasSubstr("\"first\""), HasSubstr("Claim 2"), HasSubstr("supported "),
                                          HasSubstr("Paper 9000"), HasSubstr("PASS         V9")));
}

TEST_F(JudgingVerbs, JudgeByTheThresholdsThatAreGiven) {
    store("first", 2);
    std::string json = said("verdict first --json --supported-below 1 --refuted-above 2", 0);
    auto verdicts = Poco::JSON::Parser().parse(json).extract<Poco::JSON::Object::Ptr>()->getArray("verdicts");
    EXPECT_EQ(verdicts->getObject(0)->getValue<std::string>("level"), "refuted");
    EXPECT_THAT(said("verdict --supported-below 30", 2), HasSubstr("must not be above"));
}

TEST_F(JudgingVerbs, SayWhyThereIsNothingToJudge) {
    EXPECT_THAT(said("verdict", 1), HasSubstr("turnpike: "));
    auto to = Store::open(file());
    ASSERT_TRUE(to->begin({}, {}));
    EXPECT_THAT(said("verdict", 1), HasSubstr("has no trials yet"));
}

TEST_F(JudgingVerbs, TellARegressionByTheirStatus) {
    store("before", 2);
    store("same", 2);
    store("after", 3);
    EXPECT_THAT(said("compare before same", 0), HasSubstr("no class of any cell has changed"));
    EXPECT_THAT(said("compare before after", 3),
                HasSubstr("REGRESSION E4/c-static/single: client calls per request 2.00 -> 3.00"));
    EXPECT_THAT(said("compare after before --json", 0), HasSubstr("\"regression\": false"));
    EXPECT_THAT(said("compare before nowhere", 1), HasSubstr("nowhere"));
    said("compare before", 2);
}

TEST_F(JudgingVerbs, RefuseRunsThatHaveNothingInCommon) {
    store("before", 2);
    Synthetic other(2);
    other.add("E1/512/read/kept/single", {{"size", "512"}}, {});
    other.data.run.name = "other";
    auto to = Store::open(file());
    auto id = to->begin(other.data.run, other.data.cells);
    for (const Trial& trial : other.data.trials) ASSERT_TRUE(to->add(*id, trial));
    EXPECT_THAT(said("compare before other", 1), HasSubstr("no cell in common"));
}

}  // namespace
}  // namespace turnpike::measure
