// The servers under test are what a person can start from their config files, and they all answer alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "measure/bed/configuration.h"
#include "measure/instrument.h"
#include "support/raw_client.h"
#include "support/server_process.h"

namespace turnpike::measure {
namespace {

using ::testing::HasSubstr;

std::string slurp(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

class MeasureConfigs : public ::testing::Test {
 protected:
    void SetUp() override {
        ASSERT_EQ(instrument.run("--keep " + site()), 0) << instrument.output();
        EXPECT_THAT(instrument.output(), HasSubstr("serve -c"));
    }
    std::string site() const { return instrument.path("site"); }
    std::string config(const std::string& name) const { return site() + "/" + name + ".toml"; }

    /// The answer of a server that is started by hand.
    Answer ask(const std::string& name, const std::string& path) const {
        std::smatch found;
        const std::string text = slurp(config(name));
        EXPECT_TRUE(std::regex_search(text, found, std::regex("127\\.0\\.0\\.1:([0-9]+)")));
        const auto port = static_cast<uint16_t>(std::stoul(found[1]));
        RunningProgram server({TURNPIKE_PROGRAM, "serve", "-c", config(name)}, instrument.path("server.log"));
        EXPECT_TRUE(server.waitForPort(port)) << server.output();
        return get(port, path);
    }

    Instrument instrument;
};

TEST_F(MeasureConfigs, PassTheCheck) {
    for (const Configuration& one : configurations()) {
        if (!missing(one.needs).empty()) continue;
        std::string said;
        EXPECT_EQ(runProgram(TURNPIKE_PROGRAM " check -c " + config(one.name) + " 2>&1", &said), 0)
            << one.name << ": " << said;
    }
}

TEST_F(MeasureConfigs, StayInTheFolderAndServe) {
    EXPECT_EQ(ask("E1-read", "/65536.txt").body, std::string(65536, 'x'));
    EXPECT_EQ(ask("E4-c-static", "/cgi-bin/cgi-static?bytes=13").body, std::string(13, 'x'));
    EXPECT_EQ(ask("E4-c-dynamic", "/cgi-bin/cgi-dynamic?bytes=13").body, std::string(13, 'x'));
}

TEST_F(MeasureConfigs, AnswerWithTheSameHeadFromInsideAndFromTheResponder) {
    if (const std::string why = missing(kResponder); !why.empty()) GTEST_SKIP() << "skipped: no " << why;
    const Answer inside = ask("E5-in-process", "/page?bytes=1024");
    const Answer outside = ask("E5-responder-tcp-new", "/page?bytes=1024");
    auto withoutDate = [](const Answer& answer) {
        return std::regex_replace(answer.head, std::regex("Date: [^\r]*\r\n", std::regex::icase), "");
    };
    EXPECT_EQ(withoutDate(inside), withoutDate(outside));
    EXPECT_EQ(inside.body, outside.body);
    EXPECT_EQ(inside.body, std::string(1024, 'x'));
}

TEST_F(MeasureConfigs, AreNotWrittenOverSomethingElse) {
    EXPECT_EQ(instrument.run("--keep " + site()), 1);
    EXPECT_THAT(instrument.output(), HasSubstr("is not empty"));
}

TEST(MeasureOptions, SayWhatIsMissing) {
    Instrument instrument;
    EXPECT_EQ(instrument.run(""), 1);
    EXPECT_THAT(instrument.output(), HasSubstr("--quick"));
    EXPECT_EQ(instrument.run("--show-config E5-nothing"), 1);
    EXPECT_THAT(instrument.output(), HasSubstr("--list"));
    EXPECT_EQ(instrument.run("--show-config E5-responder-unix-kept"), 0);
    EXPECT_THAT(instrument.output(), HasSubstr("command = [\"../programs/responder\"]"));
    EXPECT_EQ(instrument.run("--list"), 0);
    EXPECT_THAT(instrument.output(), HasSubstr("E7-mariadb"));
    EXPECT_EQ(instrument.run("E99 --quick"), 1);
    EXPECT_THAT(instrument.output(), HasSubstr("there is no experiment \"E99\""));
}

}  // namespace
}  // namespace turnpike::measure
