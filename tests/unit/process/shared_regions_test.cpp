// Memory that plugins share: its locks, its notices, and how it lives on over generations.
#include "process/shared_regions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "process/purge.h"

namespace turnpike::process {
namespace {
using ::testing::HasSubstr;

std::shared_ptr<os::SharedRegion> region(uint32_t locks = 2) {
    auto made = os::SharedRegion::create(65536, locks, "");
    EXPECT_TRUE(made) << made.error().text;
    return *made;
}

template <class Work>
int inChild(Work work) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        work();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return status;
}

TEST(SharedRegion, IsSeenByWhoIsForked) {
    const auto shared = region();
    auto* memory = static_cast<char*>(shared->memory());
    EXPECT_EQ(memory[65535], 0);
    inChild([&] { memory[65535] = 'x'; });
    EXPECT_EQ(memory[65535], 'x');
}

TEST(SharedRegion, GivesALockBackWhenItsHolderDies) {
    const auto shared = region();
    EXPECT_EQ(inChild([&] {
                  if (shared->lock(1).lock(0) == 0) ::raise(SIGKILL);
              }),
              SIGKILL);
    EXPECT_EQ(shared->lock(1).lock(0), 1) << "its holder died";
    shared->lock(1).unlock();
    EXPECT_EQ(shared->lock(1).lock(0), 0) << "that is told once";
    EXPECT_EQ(inChild([&] { ::_exit(shared->lock(1).lock(20) == -ETIMEDOUT ? 7 : 0); }), 7 << 8);
    EXPECT_EQ(inChild([&] { ::_exit(shared->lock(0).lock(20) == 0 ? 7 : 0); }), 7 << 8) << "each is for itself";
    shared->lock(1).unlock();
}

TEST(SharedRegion, KeepsTheLastNotices) {
    const auto shared = region();
    char text[1000];
    EXPECT_EQ(shared->notices(), 0u);
    EXPECT_EQ(shared->notice(0, text, sizeof text), -ENOENT);
    EXPECT_EQ(shared->notice(1, text, sizeof text), -ENOENT);
    ASSERT_TRUE(shared->tell("first"));
    EXPECT_EQ(inChild([&] { ::_exit(shared->notice(1, text, sizeof text)); }), 5 << 8);
    EXPECT_EQ(shared->notice(1, text, 4), -EMSGSIZE);
    for (uint64_t i = 2; i <= os::SharedRegion::kNotices + 1; ++i) shared->tell(std::to_string(i));
    EXPECT_EQ(shared->notice(1, text, sizeof text), -ENOENT) << "it was overwritten";
    EXPECT_EQ(shared->notice(2, text, sizeof text), 1);
    EXPECT_EQ(text[0], '2');
    EXPECT_FALSE(shared->tell(std::string(1001, 'x')));
    EXPECT_TRUE(shared->tell(std::string(1000, 'x')));
}

TEST(SharedRegion, SaysWhyItCannotBeOnDisk) {
    auto missing = os::SharedRegion::create(65536, 0, "/nowhere");
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().text, HasSubstr("cannot make a file in /nowhere"));
    auto huge = os::SharedRegion::create(uint64_t{1} << 60, 0, ::testing::TempDir());
    ASSERT_FALSE(huge);
    EXPECT_THAT(huge.error().text, HasSubstr("cannot take 1152921504606846976 bytes"));
    EXPECT_TRUE(os::SharedRegion::create(65536, 0, ::testing::TempDir()));
}

server::SharedSpec spec(const std::string& site, uint64_t size = 65536, const std::string& token = "") {
    return {site, "cache", token, size, 2, false};
}

TEST(SharedRegions, LiveOnAsLongAsAGenerationHasThem) {
    SharedRegions regions;
    auto first = regions.assign({spec("a"), spec("b")}, "");
    ASSERT_TRUE(first);
    auto second = regions.assign({spec("b", 65536, "another token"), spec("a", 131072)}, "");
    ASSERT_TRUE(second);
    EXPECT_EQ((*second)[0].region, (*first)[1].region);
    EXPECT_EQ((*second)[0].spec.token, "another token");
    EXPECT_NE((*second)[1].region, (*first)[0].region) << "another size is another memory";
    const std::weak_ptr<os::SharedRegion> left = (*first)[0].region;
    first->clear();
    EXPECT_TRUE(left.expired());
    // A reload that fails takes nothing from the generation that goes on.
    const auto serving = (*second)[1].region;
    EXPECT_EQ((*regions.assign({spec("a", 131072)}, ""))[0].region, serving);
    server::SharedSpec lost = spec("a");
    lost.on_disk = true;
    auto bad = regions.assign({lost}, "/nowhere");
    ASSERT_FALSE(bad);
    EXPECT_THAT(bad.error().text, HasSubstr("site a: cache: cannot make a file in /nowhere"));
}

class Purge : public ::testing::Test {
 protected:
    std::string ask(const std::string& json, bool is_owner) { return purge(json, is_owner, uses, uses); }
    std::vector<server::SharedUse> uses = {{spec("a", 65536, "0123456789abcdef"), region()},
                                           {spec("b"), region()}};
};

TEST_F(Purge, NeedsTheTokenOfTheSite) {
    const std::string all = R"("verb":"purge","notices":["all"])";
    EXPECT_EQ(ask("{" + all + R"(,"site":"a","token":"0123456789abcdef"})", false), R"({"told":1})");
    EXPECT_EQ(uses[0].region->notices(), 1u);
    for (const char* bad :
         {R"(,"site":"a"})", R"(,"site":"a","token":""})", R"(,"site":"a","token":"0123456789abcdex"})",
          R"(,"site":"a","token":"0123456789abcdef0"})", R"(,"site":"b","token":""})",
          R"(,"site":"b","token":"0123456789abcdef"})", R"(,"site":"c","token":"x"})", R"(,"token":"x"})"}) {
        EXPECT_EQ(ask("{" + all + bad, false), R"({"error":"no such site, or not its purge_token"})") << bad;
    }
    EXPECT_EQ(uses[0].region->notices() + uses[1].region->notices(), 1u);
}

TEST_F(Purge, IsTheOwnersWithoutOne) {
    EXPECT_EQ(ask(R"({"site":"b","notices":["tag a","tag b"]})", true), R"({"told":2})");
    EXPECT_EQ(uses[1].region->notices(), 2u);
    EXPECT_THAT(ask(R"({"site":"a","token":"wrong","notices":["all"]})", true),
                HasSubstr("not the purge_token of site a"));
    EXPECT_THAT(ask(R"({"notices":["all"]})", true), HasSubstr("which site? There are: a b"));
    EXPECT_THAT(ask(R"({"site":"c","notices":["all"]})", true), HasSubstr("does not use the plugin cache"));
    for (const char* bad : {"", "[]", "{}", R"({"site":"a","notices":[]})", R"({"site":"a","notices":"all"})"})
        EXPECT_THAT(ask(bad, true), HasSubstr("error")) << bad;
    EXPECT_THAT(ask(R"({"site":"a","notices":["all",")" + std::string(1001, 'x') + R"("]})", true),
                HasSubstr("longer than 1000 bytes"));
    EXPECT_EQ(uses[0].region->notices(), 0u) << "all or none";
    uses.pop_back();
    EXPECT_EQ(ask(R"({"notices":["all"]})", true), R"({"told":1})") << "there is only one";
    uses.clear();
    EXPECT_THAT(ask(R"({"notices":["all"]})", true), HasSubstr("no site has anything to purge"));
}

}  // namespace
}  // namespace turnpike::process
