// The real probes, few and short: what they find must be there and in order; how large it is, is the machine's.
#include "measure/calibrate/calibrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>
#include <map>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include "measure/calibrate/programs.h"
#include "os/machine.h"
#include "support/server_process.h"

namespace turnpike::measure {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

struct Found {
    std::map<std::string, Constant> constants;
    std::vector<std::string> notes;
    double least(const std::string& name) const {
        auto found = constants.find(name);
        return found == constants.end() ? -1 : found->second.least;
    }
    bool has(const std::string& name) const { return constants.count(name) != 0; }
};

Found measured(CalibrationOptions options = {}) {
    options.batches = 3;
    options.batch_ns = 100'000;
    if (options.program_folder.empty()) options.program_folder = TURNPIKE_PROGRAM_FOLDER;
    Found found;
    auto constants = calibrate(options, &found.notes);
    EXPECT_TRUE(constants) << constants.error().text;
    if (constants)
        for (const Constant& constant : *constants) found.constants[constant.name] = constant;
    return found;
}

TEST(Calibration, FindsEveryCostAndItsSpread) {
    const Found found = measured();
    for (const char* name :
         {"null_syscall", "clock_gettime", "thread_cputime", "rusage_thread", "pipe_write_read", "unix_write_read",
          "tcp_write_read", "unix_round_trip_same_cpu", "tcp_round_trip_same_cpu", "copy_per_kib_unix",
          "copy_per_kib_tcp", "page_fault", "spawn_dynamic", "connect_unix", "connect_tcp", "wake_same_cpu"})
        EXPECT_TRUE(found.has(name)) << name;
    const bool crosses = os::processors() > 1;
    for (const char* name : {"unix_round_trip_cross_cpu", "tcp_round_trip_cross_cpu", "wake_cross_cpu"})
        EXPECT_EQ(found.has(name), crosses) << name;
    EXPECT_EQ(found.has("spawn_static"), std::filesystem::exists(TURNPIKE_PROGRAM_FOLDER "/noop_static"));
    EXPECT_EQ(found.has("spawn_php_cgi"), !findProgram("php-cgi").empty());
    for (const auto& [name, constant] : found.constants) {
        const bool is_slope = name.starts_with("copy_");  // of three short batches: may be anything
        EXPECT_EQ(constant.unit, is_slope ? "ns/KiB" : "ns") << name;
        EXPECT_EQ(constant.batches, 3u) << name;
        EXPECT_LE(constant.least, constant.low) << name;
        EXPECT_LE(constant.low, constant.median) << name;
        EXPECT_LE(constant.median, constant.high) << name;
        if (!is_slope) {
            EXPECT_GT(constant.least, 0) << name;
        }
    }
}

TEST(Calibration, FindsThatMoreWorkCostsMore) {
    const Found found = measured();
    const double null = found.least("null_syscall");
    for (const char* name : {"pipe_write_read", "unix_write_read", "tcp_write_read", "unix_round_trip_same_cpu",
                             "tcp_round_trip_same_cpu", "spawn_dynamic", "connect_unix", "connect_tcp"})
        EXPECT_GT(found.least(name), null) << name;
    EXPECT_GT(found.least("spawn_dynamic"), found.least("pipe_write_read"));
    EXPECT_GT(found.least("connect_tcp"), found.least("pipe_write_read"));
}

TEST(Calibration, LeavesNothingBehind) {
    const std::vector<unsigned> before = os::allowedProcessors();
    measured();
    EXPECT_EQ(os::allowedProcessors(), before);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
    EXPECT_EQ(errno, ECHILD);
}

TEST(Calibration, SaysWhatItLeavesOut) {
    const std::vector<unsigned> all = os::allowedProcessors();
    ASSERT_FALSE(all.empty());
    ASSERT_EQ(os::runOn({all.back()}), 0);
    CalibrationOptions options;
    options.program_folder = "/nowhere";
    options.mariadb_socket = "/nowhere/socket";
    const Found found = measured(options);
    EXPECT_EQ(os::allowedProcessors(), std::vector<unsigned>{all.back()});
    os::runOn(all);
    for (const char* name : {"wake_cross_cpu", "spawn_dynamic", "spawn_static", "connect_mariadb"})
        EXPECT_FALSE(found.has(name)) << name;
    EXPECT_THAT(found.notes,
                Contains(HasSubstr("wake_cross_cpu: left out, this process may run on one processor")));
    EXPECT_THAT(found.notes,
                Contains(HasSubstr("spawn_dynamic: left out, /nowhere/noop_dynamic is not installed")));
    EXPECT_THAT(found.notes,
                Contains(HasSubstr("connect_mariadb: left out, cannot connect to unix:/nowhere/socket")));
    EXPECT_TRUE(found.has("wake_same_cpu"));
}

TEST(CalibrateVerb, PrintsATableAndJson) {
    std::string table, json;
    ASSERT_EQ(runProgram(TURNPIKE_PROGRAM " calibrate --batches 2", &table), 0) << table;
    EXPECT_THAT(table, HasSubstr("\nspawn_dynamic "));
    EXPECT_THAT(table, HasSubstr("\nkernel           Linux "));
    ASSERT_EQ(runProgram(TURNPIKE_PROGRAM " calibrate --batches 2 --json", &json), 0) << json;
    auto object = Poco::JSON::Parser().parse(json).extract<Poco::JSON::Object::Ptr>();
    EXPECT_GE(object->getArray("constants")->size(), 14u);
    EXPECT_THAT(object->getObject("fingerprint")->getValue<std::string>("kernel"), HasSubstr("Linux "));
    EXPECT_EQ(runProgram(TURNPIKE_PROGRAM " calibrate --batches 0 2>&1", &table), 2);
}

}  // namespace
}  // namespace turnpike::measure
