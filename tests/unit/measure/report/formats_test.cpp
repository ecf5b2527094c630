// JSON, CSV and Markdown, read back.
#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "csv_reader.h"
#include "measure/report/report.h"
#include "measure/report/runs.h"
#include "sample.h"

namespace turnpike::measure::report {
namespace {
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Poco::JSON::Object;

const Sample& sample() {
    static const Sample made = makeSample({"E0", "E1", "E4", "E5", "E9"});
    return made;
}

Object::Ptr parsed(const std::string& text) { return Poco::JSON::Parser().parse(text).extract<Object::Ptr>(); }

TEST(ReportJson, HoldsTheWholeAnalysis) {
    const Analysis& analysis = sample().analysis;
    Object::Ptr report = parsed(json(analysis));
    EXPECT_EQ(report->getValue<std::string>("format"), "turnpike-report");
    EXPECT_EQ(report->getValue<int>("format_version"), 1);
    EXPECT_EQ(report->getObject("run")->getValue<std::string>("seed"), "4711");
    EXPECT_EQ(report->getObject("run")->getArray("constants")->size(), analysis.run.constants.size());
    const std::pair<const char*, size_t> lists[] = {
        {"cells", analysis.cells.size()},       {"effects", analysis.effects.size()},
        {"lines", analysis.lines.size()},       {"bounds", analysis.bounds.size()},
        {"verdicts", analysis.verdicts.size()}, {"checks", analysis.checks.size()}};
    for (const auto& [name, size] : lists) EXPECT_EQ(report->getArray(name)->size(), size) << name;
}

TEST(ReportJson, GivesEstimatesWithTheirIntervals) {
    const CellSummary& cell = sample().analysis.cells[20];
    Object::Ptr object = parsed(json(sample().analysis))->getArray("cells")->getObject(20);
    EXPECT_EQ(object->getValue<std::string>("key"), cell.cell.key);
    Object::Ptr cpu = object->getObject("cpu_us");
    EXPECT_NEAR(cpu->getValue<double>("value"), cell.cpu_us.value, 1e-9);
    EXPECT_NEAR(cpu->getValue<double>("low"), cell.cpu_us.low, 1e-9);
    EXPECT_NEAR(cpu->getValue<double>("high"), cell.cpu_us.high, 1e-9);
    EXPECT_EQ(cpu->getValue<size_t>("blocks"), cell.cpu_us.n);
    EXPECT_TRUE(object->isNull("database_us")) << "E1 has no database";
}

TEST(ReportJson, OfNothingIsStillJson) {
    Object::Ptr report = parsed(json({}));
    EXPECT_TRUE(report->isNull("same"));
    EXPECT_TRUE(report->getObject("run")->isNull("ended_unix_ms"));
}

TEST(ReportJson, TakesNamesThatAreNoText) {
    Analysis analysis;
    analysis.run.name = "a \"quoted\"\n\x01 name\xFF";
    EXPECT_EQ(parsed(json(analysis))->getObject("run")->getValue<std::string>("name"),
              "a \"quoted\"\n\xEF\xBF\xBD name\xEF\xBF\xBD");
}

TEST(ReportCsv, HasALineForEachCell) {
    const CsvLines lines = readCsv(csv(sample().analysis));
    ASSERT_EQ(lines.size(), sample().analysis.cells.size() + 1);
    for (const auto& line : lines) EXPECT_EQ(line.size(), lines.front().size());
    for (size_t i = 0; i < sample().analysis.cells.size(); ++i) {
        const CellSummary& cell = sample().analysis.cells[i];
        EXPECT_EQ(lines[i + 1][columnOf(lines, "cell")], cell.cell.key);
        EXPECT_NEAR(std::stod(lines[i + 1][columnOf(lines, "cpu_us")]), cell.cpu_us.value,
                    cell.cpu_us.value * 1e-6);
        auto size = cell.cell.factors.find("size");
        EXPECT_EQ(lines[i + 1][columnOf(lines, "factor.size")],
                  size == cell.cell.factors.end() ? "" : size->second);
    }
}

TEST(Formats, GiveNoCountsOfACellWhoseTrialsWereAllRejected) {
    Sample rejected = makeSample({"E4"});
    for (Trial& trial : rejected.trials) trial.rejected = {"steal"};
    const Analysis analysis = analyse(rejected.run, rejected.cells, rejected.trials);
    EXPECT_TRUE(parsed(json(analysis))->getArray("cells")->getObject(0)->isNull("calls"));
    const CsvLines lines = readCsv(csv(analysis));
    EXPECT_EQ(lines[1][columnOf(lines, "calls.client")], "");
    EXPECT_EQ(lines[1][columnOf(lines, "rejected")], "6");
    EXPECT_THAT(markdown(analysis), HasSubstr("| `E4/c-static/single` | 0 | – | – | – | – | – |"));
    EXPECT_THAT(page(analysis, rejected.trials), Not(HasSubstr("<td>0.00</td>")));
}

TEST(ReportMarkdown, HasVerdictsCellsChecksAndMachine) {
    const std::string text = markdown(sample().analysis);
    for (const char* part : {"## Turnpike run 12: sample", "**Claim 1: ", "- **supported**: ", "### Cells",
                             "| `E4/php-cgi/single` |", "### Validity checks", "**PASS**", "Linux 6.1.0"})
        EXPECT_THAT(text, HasSubstr(part));
    std::istringstream lines(text);
    size_t columns = 0;
    for (std::string line, before; std::getline(lines, line); before = line) {
        if (!line.starts_with("|")) continue;
        auto bars = static_cast<size_t>(std::count(line.begin(), line.end(), '|'));
        if (before.starts_with("|")) {
            EXPECT_EQ(bars, columns) << line;
        }
        columns = bars;
    }
}

TEST(ReportMarkdown, LetsNothingBecomeMarkup) {
    Analysis analysis;
    analysis.run.name = "<b>[x](y) *a* |";
    analysis.run.command = "a`b";
    analysis.run.fingerprint = {{"cpu", "# a_b"}};
    const std::string text = markdown(analysis);
    EXPECT_THAT(text,
                AllOf(HasSubstr("\\<b\\>\\[x\\](y) \\*a\\* \\|"), HasSubstr("`a b`"), HasSubstr("\\# a\\_b")));
}

TEST(ExportedJson, HoldsEveryTrialWithItsHistogram) {
    Object::Ptr run = parsed(exportJson(sample().run, sample().cells, sample().trials));
    EXPECT_EQ(run->getValue<std::string>("format"), "turnpike-run");
    ASSERT_EQ(run->getArray("trials")->size(), sample().trials.size());
    EXPECT_EQ(run->getArray("cells")->size(), sample().cells.size());
    for (size_t i : {size_t{0}, sample().trials.size() - 1}) {
        Object::Ptr object = run->getArray("trials")->getObject(static_cast<unsigned>(i));
        const Trial& trial = sample().trials[i];
        EXPECT_EQ(object->getValue<uint64_t>("elapsed_ns"), trial.elapsed_ns);
        EXPECT_EQ(object->getObject("crossings")->getObject("client")->getValue<uint64_t>("calls"),
                  trial.crossings.of[0].calls);
        uint64_t counted = 0;
        Poco::JSON::Array::Ptr buckets = object->getObject("latency_ns")->getArray("buckets");
        for (unsigned b = 0; b < buckets->size(); ++b) counted += buckets->getArray(b)->getElement<uint64_t>(1);
        EXPECT_EQ(counted, trial.latency_ns.count());
    }
}

TEST(ExportedCsv, HasALineForEachTrial) {
    const CsvLines lines = readCsv(exportCsv(sample().cells, sample().trials));
    ASSERT_EQ(lines.size(), sample().trials.size() + 1);
    for (size_t i = 0; i < sample().trials.size(); ++i) {
        const Trial& trial = sample().trials[i];
        ASSERT_EQ(lines[i + 1].size(), lines.front().size());
        EXPECT_EQ(lines[i + 1][columnOf(lines, "cell")], trial.cell);
        EXPECT_EQ(lines[i + 1][columnOf(lines, "engine_ns")], std::to_string(trial.engine_ns));
        EXPECT_EQ(lines[i + 1][columnOf(lines, "rejected")].empty(), trial.rejected.empty());
        EXPECT_EQ(lines[i + 1][columnOf(lines, "database_ns")],
                  trial.database_ns ? std::to_string(*trial.database_ns) : "");
    }
}

TEST(RunTable, TellsWhatIsThere) {
    measure::Run running = sample().run;
    running.ended_unix_ms = 0;
    running.name = "half";
    const std::string text = runTable({{sample().run, {10, 60, 2}}, {running, {10, 31, 0}}});
    EXPECT_THAT(text, AllOf(HasSubstr("complete"), HasSubstr("60 (2 rejected)"), HasSubstr("2025-10-09 08:53 UTC"),
                            HasSubstr("incomplete")));
}

TEST(RunText, TellsHowManyTrialsEachCellHas) {
    const std::string text = runText(sample().run, sample().cells, sample().trials);
    EXPECT_THAT(text,
                AllOf(HasSubstr("Turnpike run 12: sample\n"), HasSubstr("4711"), HasSubstr("hypervisor: KVM"),
                      HasSubstr("null_syscall"), HasSubstr("E4/php-cgi/single")));
    EXPECT_THAT(runText({}, {}, {}), Not(HasSubstr("machine")));
}

}  // namespace
}  // namespace turnpike::measure::report
