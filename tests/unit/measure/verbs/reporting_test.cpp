// `turnpike runs` and `turnpike report`, on a run that a test has put into a store.
#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "../report/sample.h"
#include "measure/store/store.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace turnpike::measure {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ReportingVerbs : public testing::Test {
 protected:
    void store(const std::string& name) {
        static const Sample sample = makeSample({"E0", "E4"});
        auto to = Store::open(file());
        ASSERT_TRUE(to) << to.error().text;
        measure::Run run = sample.run;
        run.name = name;
        auto id = to->begin(run, sample.cells);
        ASSERT_TRUE(id) << id.error().text;
        for (size_t i = 0; i < 60; ++i) ASSERT_TRUE(to->add(*id, sample.trials[i]));
    }
    std::string file() const { return path("runs.db"); }
    std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
    std::string said(const std::string& arguments, int status = 0) const {
        std::string output;
        EXPECT_EQ(runProgram(TURNPIKE_PROGRAM " " + arguments + " --store " + file() + " 2>&1", &output), status)
            << arguments << "\n"
            << output;
        return output;
    }
    static std::string contentOf(const std::string& file) {
        std::stringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }
    static bool exists(const std::string& file) { return std::filesystem::exists(file); }

 private:
    TempFolder folder_;
};

TEST_F(ReportingVerbs, LookForRunsWithoutMakingAStore) {
    for (const char* verb :
         {"runs", "runs list", "runs show", "runs export", "runs delete 1", "report", "verdict"})
        EXPECT_EQ(said(verb, 1), "turnpike: there is no store " + file() + " yet: `turnpike measure` makes one\n");
    EXPECT_FALSE(exists(file()));
}

TEST_F(ReportingVerbs, ListRunsNewestFirst) {
    store("older");
    store("newer");
    const std::string list = said("runs list");
    EXPECT_THAT(list, AllOf(StartsWith("  id  measured"), HasSubstr(" 60 ")));
    EXPECT_LT(list.find("newer"), list.find("older"));
    EXPECT_EQ(said("runs"), list);
}

TEST_F(ReportingVerbs, ShowARunThatTheyAreAskedFor) {
    store("older");
    store("newer");
    EXPECT_THAT(said("runs show"), StartsWith("Turnpike run 2: newer\n"));
    EXPECT_THAT(said("runs show last~1"), StartsWith("Turnpike run 1: older\n"));
    EXPECT_THAT(said("runs show nobody", 1), HasSubstr("there is no run \"nobody\""));
}

TEST_F(ReportingVerbs, ExportARunToAFileOrToStandardOutput) {
    store("older");
    using Poco::JSON::Object;
    auto run = Poco::JSON::Parser().parse(said("runs export")).extract<Object::Ptr>();
    EXPECT_EQ(run->getArray("trials")->size(), 60u);
    EXPECT_EQ(said("runs export older --format csv -o " + path("run.csv")), "");
    EXPECT_THAT(contentOf(path("run.csv")), StartsWith("trial,cell,experiment,"));
    EXPECT_THAT(said("runs export --format xml", 2), HasSubstr("xml"));
}

TEST_F(ReportingVerbs, DeleteOnlyARunThatIsNamed) {
    store("older");
    store("newer");
    said("runs delete", 2);
    EXPECT_EQ(said("runs delete older"), "deleted run 1 (older) with 60 trials\n");
    EXPECT_THAT(said("runs"), AllOf(HasSubstr("newer"), Not(HasSubstr("older"))));
    EXPECT_THAT(said("runs delete 1", 1), HasSubstr("there is no run \"1\""));
}

TEST_F(ReportingVerbs, WriteAReportInEachFormat) {
    store("mine");
    EXPECT_EQ(said("report -o " + path("report.html")), "");
    EXPECT_THAT(contentOf(path("report.html")),
                AllOf(StartsWith("<!DOCTYPE html>"), HasSubstr("Turnpike run 1: mine")));
    EXPECT_FALSE(exists(path("report.html.part")));
    EXPECT_THAT(said("report mine --format json"), HasSubstr("\"turnpike-report\""));
    EXPECT_THAT(said("report --format csv"), StartsWith("cell,experiment,config,load,"));
    EXPECT_THAT(said("report --format markdown"), StartsWith("## Turnpike run 1: mine\n"));
}

TEST_F(ReportingVerbs, KeepTheOlderFileWhenTheyCannotWrite) {
    store("mine");
    std::ofstream(path("report.html")) << "older";
    EXPECT_THAT(said("report -o " + path("nowhere/report.html"), 1),
                HasSubstr("cannot write " + path("nowhere/report.html") + ": No such file or directory"));
    // A file may grow to 128 blocks of 512 bytes, which is too little: as if the disk were full.
    std::string output;
    runProgram("trap '' XFSZ; ulimit -f 128; " TURNPIKE_PROGRAM " report -o " + path("report.html") + " --store " +
                   file() + " 2>&1",
               &output);
    EXPECT_EQ(output, "turnpike: cannot write " + path("report.html") + ": File too large\n");
    EXPECT_EQ(contentOf(path("report.html")), "older");
    EXPECT_FALSE(exists(path("report.html.part")));
}

TEST_F(ReportingVerbs, WriteToADeviceAndDoNotReplaceIt) {
    store("mine");
    said("report --format csv -o /dev/null");
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
    EXPECT_EQ(runProgram("mkfifo " + path("pipe"), nullptr), 0);
    std::string piped;
    EXPECT_EQ(runProgram("cat " + path("pipe") + " & " TURNPIKE_PROGRAM " report --format csv -o " + path("pipe") +
                             " --store " + file() + " && wait",
                         &piped),
              0);
    EXPECT_THAT(piped, StartsWith("cell,experiment,"));
    EXPECT_TRUE(std::filesystem::is_fifo(path("pipe")));
}

}  // namespace
}  // namespace turnpike::measure
