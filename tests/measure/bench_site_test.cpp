// `turnpike bench-site` on a site that a FastCGI program answers: its ways are told apart by their counts,
// whatever else the machine does, and the config and the running server stay as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "measure/instrument.h"
#include "support/raw_client.h"
#include "support/server_process.h"

namespace turnpike::measure {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string siteToml(const std::string& command) {
    return "[[site]]\nname = \"mine\"\nhosts = [\"example.org\"]\nroot = \"FOLDER\"\n"
           "[[site.route]]\nexact = \"/page\"\nplugin = \"fastcgi\"\ncommand = [\"" +
           command + "\"]\n[[site.route]]\nplugin = \"static\"\n";
}

std::string responder() { return TURNPIKE_BUILD "/measure/programs/responder"; }

TEST(BenchSite, MeasuresEachWayOfTheSiteAndLeavesTheServerAlone) {
    if (const std::string why = missing(kResponder); !why.empty()) GTEST_SKIP() << "skipped: no " << why;
    Instrument instrument;
    std::filesystem::copy_file(responder(), instrument.path("responder"));  // where a worker's user can run it
    ServerProcess running(siteToml(instrument.path("responder")));
    ASSERT_TRUE(running.isUp()) << running.errorLog();
    const std::string config = running.configPath();
    ASSERT_EQ(instrument.runVerb("bench-site 'http://example.org/page?bytes=100' --quick --blocks 2 -c " + config),
              0)
        << instrument.output();
    EXPECT_THAT(instrument.output(), HasSubstr("fastcgi, tcp, kept"));
    const std::map<std::string, long> backend_calls = {{"as it is", 2},
                                                       {"as it is, once more", 2},
                                                       {"fastcgi, unix, a connection for each request", 5},
                                                       {"fastcgi, tcp, kept", 2},
                                                       {"fastcgi, tcp, a connection for each request", 7}};
    std::map<std::string, int> seen;
    for (const Trial& trial : instrument.trials()) {
        const std::string way = trial.cell.substr(5, trial.cell.rfind('/') - 5);
        ++seen[way];
        constexpr uint64_t kEnough = 30;
        if (trial.requests < kEnough || !trial.cell.ends_with("/single")) continue;
        const double calls =
            static_cast<double>(trial.crossings.of[static_cast<size_t>(ledger::Class::Backend)].calls);
        EXPECT_EQ(std::lround(calls / static_cast<double>(trial.requests)), backend_calls.at(way)) << trial.cell;
    }
    EXPECT_EQ(seen.size(), backend_calls.size());
    EXPECT_THAT(instrument.leftovers(), IsEmpty());
    EXPECT_EQ(get(running.port(), "/page?bytes=3", "").status, 421);  // still there, and as strict as before
    EXPECT_THAT(running.accessLog(), testing::Not(HasSubstr("bytes=100")));
}

TEST(BenchSite, SaysWhenThereIsNothingToChoose) {
    Instrument instrument;
    std::ofstream(instrument.path("files.toml"))
        << "[[site]]\nname = \"files\"\nroot = \".\"\n[[site.route]]\nplugin = \"static\"\n";
    EXPECT_EQ(instrument.runVerb("bench-site files -c " + instrument.path("files.toml")), 1);
    EXPECT_THAT(instrument.output(), HasSubstr("can be run in no other way"));
    EXPECT_EQ(instrument.runVerb("bench-site https://files/ -c " + instrument.path("files.toml")), 1);
}

}  // namespace
}  // namespace turnpike::measure
