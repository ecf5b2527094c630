#include "measure/calibrate/report.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnpike::measure {
namespace {

using ::testing::HasSubstr;

Calibration sample() {
    Calibration calibration;
    calibration.constants = {{"null_syscall", "ns", 122.3, 121, 123.5, 120.25, 30},
                             {"copy_per_kib_unix", "ns/KiB", 65, 64, 66, 63, 30}};
    calibration.notes = {"wake_cross_cpu: left out, one processor"};
    calibration.fingerprint = {{"kernel", "Linux 6.1"}, {"cpu", "\"quoted\" CPU"}};
    return calibration;
}

TEST(CalibrationReport, ShowsEachCostWithItsSpreadAndMeaning) {
    const std::string table = calibrationTable(sample());
    EXPECT_THAT(table,
                HasSubstr("null_syscall                      122.3        121.0        123.5        120.2  ns"));
    EXPECT_THAT(table, HasSubstr("ns/KiB  what a KiB more costs"));
    EXPECT_THAT(table, HasSubstr("Medians of 30 batches"));
    EXPECT_THAT(table, HasSubstr("note: wake_cross_cpu: left out, one processor\n"));
    EXPECT_THAT(table, HasSubstr("\nkernel           Linux 6.1\n"));
}

TEST(CalibrationReport, IsJsonForPrograms) {
    auto json = Poco::JSON::Parser().parse(calibrationJson(sample())).extract<Poco::JSON::Object::Ptr>();
    EXPECT_EQ(json->getObject("fingerprint")->getValue<std::string>("cpu"), "\"quoted\" CPU");
    auto first = json->getArray("constants")->getObject(0);
    EXPECT_EQ(first->getValue<std::string>("name"), "null_syscall");
    EXPECT_EQ(first->getValue<double>("median"), 122.3);
    EXPECT_EQ(first->getValue<double>("least"), 120.25);
    EXPECT_EQ(first->getValue<unsigned>("batches"), 30u);
    EXPECT_EQ(json->getArray("notes")->getElement<std::string>(0), "wake_cross_cpu: left out, one processor");
}

}  // namespace
}  // namespace turnpike::measure
