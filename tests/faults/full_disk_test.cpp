// A spool folder whose disk is full.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "disk.h"
#include "processes.h"
#include "support/raw_client.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {

class FullDisk : public ::testing::Test {
 protected:
    FullDisk() {
        server.setup.workers = 1;
        server.setup.sites = "[[site]]\nname = \"site\"\n[[site.route]]\nprefix = \"/\"\nplugin = \"probe\"\n";
        server.setup.limits = "body_memory = \"16KiB\"\nspool_free_per_mille = 0\n";
    }
    /// Sends a body that is spooled, on a connection of its own.
    Answer spool(size_t size, bool chunked = false) {
        RawClient client(server.port());
        std::string head = "POST /spool HTTP/1.1\r\nHost: localhost\r\n";
        head += chunked ? "Transfer-Encoding: chunked\r\n\r\n"
                        : "Content-Length: " + std::to_string(size) + "\r\n\r\n";
        if (chunked) {
            std::ostringstream length;
            length << std::hex << size;
            head += length.str() + "\r\n";
        }
        client.send(head + std::string(size, 'b') + (chunked ? "\r\n0\r\n\r\n" : ""));
        return client.answer();
    }

    Turnpike server;
};

TEST_F(FullDisk, ForSpoolsIs507AndTheNextRequestIsFine) {
    SmallDisk disk(server.path("disk"), "2m");
    if (!disk.isThere()) GTEST_SKIP() << "only root can mount a small disk";
    server.setup.spool_folder = disk.path() + "/spool";
    ASSERT_TRUE(server.start());
    const uint64_t empty = disk.freeBytes();
    EXPECT_EQ(spool(1'000'000).body, "1000000 bytes in a file\n");
    for (bool chunked : {false, true}) {
        Answer answer = spool(3'000'000, chunked);
        EXPECT_EQ(answer.status, 507) << answer.head;
        EXPECT_EQ(answer.field("connection"), "close");
        EXPECT_TRUE(eventually([&] { return disk.freeBytes() == empty; })) << "nothing is left of it";
        EXPECT_EQ(spool(1'000'000, chunked).body, "1000000 bytes in a file\n");
    }
    EXPECT_TRUE(server.waitForLog("No space left on device"));
    // The last spool is given back after its answer.
    ASSERT_TRUE(eventually([&] { return disk.freeBytes() == empty; }));
    disk.fill();
    EXPECT_EQ(spool(100'000).status, 507);
    EXPECT_EQ(spool(10'000).body, "10000 bytes in memory\n") << "a small body needs no disk";
    EXPECT_EQ(get(server.port(), "/hello").status, 200);
    disk.makeRoom();
    EXPECT_EQ(spool(100'000).body, "100000 bytes in a file\n");
    EXPECT_EQ(server.number("worker_deaths"), 0);
}

TEST_F(FullDisk, IsNotFilledToTheLastByteBySpools) {
    SmallDisk disk(server.path("disk"), "2m");
    if (!disk.isThere()) GTEST_SKIP() << "only root can mount a small disk";
    server.setup.spool_folder = disk.path() + "/spool";
    server.setup.limits = "body_memory = \"16KiB\"\nspool_free_per_mille = 999\n";
    ASSERT_TRUE(server.start());
    disk.fill();
    EXPECT_EQ(spool(100'000).status, 507);
    EXPECT_TRUE(server.waitForLog("limits.spool_free_per_mille"));
}

TEST_F(FullDisk, OrAQuotaThatIsUsedUpIsTheSame) {
    server.setup.limits = "body_memory = \"16KiB\"\nspool_total = \"500KiB\"\nspool_free_per_mille = 0\n";
    ASSERT_TRUE(server.start());
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(spool(600'000).status, 507);
        EXPECT_EQ(spool(400'000).body, "400000 bytes in a file\n");
    }
    EXPECT_TRUE(server.waitForLog("limits.spool_total"));
}

TEST_F(FullDisk, OrNotAFolderThatWasThereKeepsItsOwner) {
    std::filesystem::create_directory(server.path("shared"));
    ASSERT_EQ(::chmod(server.path("shared").c_str(), 01777), 0);
    server.setup.spool_folder = server.path("shared");
    ASSERT_TRUE(server.start());
    EXPECT_EQ(spool(100'000).body, "100000 bytes in a file\n");
    struct stat st {};
    ASSERT_EQ(::stat(server.path("shared").c_str(), &st), 0);
    EXPECT_EQ(st.st_uid, ::geteuid());
    EXPECT_EQ(st.st_mode & 07777, 01777u);
}

TEST_F(FullDisk, IsToldApartFromAFolderThatIsGone) {
    ASSERT_TRUE(server.start());
    std::filesystem::remove_all(server.path("spool"));
    EXPECT_EQ(spool(100'000).status, 500);
    EXPECT_TRUE(server.waitForLog("cannot spool a request body in " + server.path("spool") +
                                  ": No such file or directory"));
    EXPECT_EQ(get(server.port(), "/hello").status, 200);
}

}  // namespace
}  // namespace turnpike::e2e
