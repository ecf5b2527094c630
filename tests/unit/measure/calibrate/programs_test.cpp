#include "measure/calibrate/programs.h"

#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace turnpike::measure {
namespace {

TEST(Programs, AreFoundByNameAndOtherwiseByVersion) {
    TempFolder folder;
    const std::vector<std::string> folders{"/nowhere", folder.path()};
    EXPECT_EQ(findProgram("php-fpm", folders), "");
    for (const char* name : {"php-fpm8.9", "php-fpm8.10", "php-fpm7.4", "php-fpm-helper"}) folder.write(name, "");
    EXPECT_EQ(findProgram("php-fpm", folders), folder.path() + "/php-fpm8.10");
    folder.write("php-fpm", "");
    EXPECT_EQ(findProgram("php-fpm", folders), folder.path() + "/php-fpm");
}

TEST(Programs, SayWhatTheyAre) {
    EXPECT_EQ(outputOf({"/bin/echo", "one", "two"}), "one two\n");
    EXPECT_EQ(outputOf({"/bin/false"}), std::nullopt);
    EXPECT_EQ(outputOf({"/nowhere/program"}), std::nullopt);
}

}  // namespace
}  // namespace turnpike::measure
