#include "server/body_spool.h"

#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace turnpike::server {
namespace {

struct Spooling : testing::Test {
    TempFolder folder;
    SpoolQuota quota{folder.path(), 100, 1000, 1000, 0};
    std::string cause;
};

}  // namespace

TEST_F(Spooling, StaysInMemoryUpToItsLimit) {
    BodySpool spool;
    EXPECT_EQ(spool.append(std::string(100, 'x'), "a", quota, &cause), 0u);
    EXPECT_EQ(spool.fd(), -1);
    EXPECT_EQ(spool.memory().size(), 100u);
}

TEST_F(Spooling, MovesToAFileWithEverythingThatCameBefore) {
    BodySpool spool;
    EXPECT_EQ(spool.append(std::string(60, 'a'), "a", quota, &cause), 0u);
    EXPECT_EQ(spool.append(std::string(60, 'b'), "a", quota, &cause), 0u);
    ASSERT_GE(spool.fd(), 0);
    EXPECT_EQ(spool.size(), 120u);
    std::string read(200, '\0');
    EXPECT_EQ(os::pread(spool.fd(), read.data(), read.size(), 0, os::Class::File), 120);
    EXPECT_EQ(read.substr(0, 120), std::string(60, 'a') + std::string(60, 'b'));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "nobody else can open it";
}

TEST_F(Spooling, SharesOneQuotaAndGivesItBack) {
    BodySpool first;
    BodySpool second;
    EXPECT_EQ(first.append(std::string(800, 'x'), "a", quota, &cause), 0u);
    EXPECT_EQ(second.append(std::string(300, 'x'), "a", quota, &cause), 507u);
    EXPECT_NE(cause.find("limits.spool_total"), std::string::npos);
    first.reset();
    second.reset();
    EXPECT_EQ(quota.used, 0u);
    EXPECT_EQ(second.append(std::string(300, 'x'), "a", quota, &cause), 0u);
}

TEST_F(Spooling, OneClientDoesNotTakeTheShareOfOthers) {
    quota.per_client = 500;
    BodySpool first;
    BodySpool second;
    BodySpool others;
    EXPECT_EQ(first.append(std::string(400, 'x'), "a", quota, &cause), 0u);
    EXPECT_EQ(second.append(std::string(200, 'x'), "a", quota, &cause), 507u);
    EXPECT_NE(cause.find("limits.spool_per_address"), std::string::npos);
    EXPECT_EQ(others.append(std::string(400, 'x'), "b", quota, &cause), 0u);
    first.reset();
    second.reset();
    EXPECT_EQ(second.append(std::string(200, 'x'), "a", quota, &cause), 0u);
    second.reset();
    others.reset();
    EXPECT_TRUE(quota.used_by.empty()) << "nobody is remembered who uses nothing";
}

TEST_F(Spooling, SaysWhichFolderItCannotUse) {
    quota.folder = "/does/not/exist";
    BodySpool spool;
    EXPECT_EQ(spool.append(std::string(200, 'x'), "a", quota, &cause), 500u);
    EXPECT_NE(cause.find("/does/not/exist"), std::string::npos);
}

TEST_F(Spooling, LeavesRoomOnTheDisk) {
    quota.free_per_mille = 1001;
    BodySpool spool;
    EXPECT_EQ(spool.append(std::string(200, 'x'), "a", quota, &cause), 507u);
    EXPECT_NE(cause.find("spool_free_per_mille"), std::string::npos);
}

}  // namespace turnpike::server
