// Several processes use one store, and die wherever it hurts.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "presence.h"
#include "store_fixture.h"

namespace turnpike::cache {
namespace {

class Processes : public StoreTest {
 protected:
    template <class Work>
    static pid_t inChild(Work work) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            std::signal(SIGSEGV, SIG_DFL);
            work();
            ::_exit(0);
        }
        return pid;
    }
    static int endOf(pid_t pid) {
        int end = 0;
        ::waitpid(pid, &end, 0);
        return end;
    }
    /// Writes, reads and removes until it is killed; ends with 1 when it reads what nobody wrote.
    [[noreturn]] void work(unsigned seed) {
        std::mt19937 random(seed);
        for (uint64_t round = 0;; ++round) {
            const uint64_t n = random() % 40;
            if (random() % 3 == 0) insert(n, 100 + random() % 12'000, round * 1000 + seed);
            if (random() % 200 == 0) store->remove(target(n), 1);
            const auto found = find(n);
            if (!found) continue;
            const std::string all = read(*found);
            if (all != "torn" && !isWhole(n, *found, all)) ::_exit(1);
        }
    }
};

TEST_F(Processes, FindWhatAnotherHasStored) {
    EXPECT_EQ(endOf(inChild([&] { insert(1); })), 0);
    const auto found = find(1);
    ASSERT_TRUE(found);
    EXPECT_TRUE(isWhole(1, *found, read(*found)));
}

// Reading faults in the middle of the bytes, with the lock held.
TEST_F(Processes, GoOnWhenOneDiesInTheMiddleOfAnAnswer) {
    for (uint64_t n = 0; n < 64; ++n) insert(n);
    const long page = ::sysconf(_SC_PAGESIZE);
    void* memory = ::mmap(nullptr, static_cast<size_t>(2 * page), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_EQ(::mprotect(static_cast<char*>(memory) + page, static_cast<size_t>(page), PROT_NONE), 0);
    const std::string_view half(static_cast<const char*>(memory), static_cast<size_t>(2 * page));
    const int end = endOf(inChild([&] {
        store->insert({target(5), {}, "", terms(9), 0, store->changes(target(5))}, {"5/9;\n", "a:b\n", half}, 1);
    }));
    EXPECT_NE(end, 0) << "it was to die";
    EXPECT_FALSE(find(5));
    EXPECT_EQ(store->counts().emptied.load(), 1u);
    size_t kept = 0;
    for (uint64_t n = 0; n < 64; ++n) {
        const auto found = find(n);
        if (!found) continue;
        ++kept;
        EXPECT_TRUE(isWhole(n, *found, read(*found)));
    }
    EXPECT_GT(kept, 0u) << "other shards have nothing to do with it";
    EXPECT_TRUE(insert(5));
    EXPECT_TRUE(find(5));
    ::munmap(memory, static_cast<size_t>(2 * page));
}

TEST_F(Processes, AreKilledAnywhereAndNothingTornIsEverRead) {
    constexpr int kWorkers = 3, kKills = 60;
    std::mt19937 random(1);
    std::vector<pid_t> workers;
    unsigned seed = 1;
    for (int i = 0; i < kWorkers; ++i, ++seed) workers.push_back(inChild([&] { work(seed); }));
    for (int kill = 0; kill < kKills; ++kill) {
        const uint64_t before = store->counts().stored.load();
        while (store->counts().stored.load() < before + 20) {
            for (const pid_t pid : workers) {
                int end = 0;
                ASSERT_EQ(::waitpid(pid, &end, WNOHANG), 0) << "one read what nobody wrote";
            }
            ::usleep(100);
        }
        pid_t& victim = workers[random() % workers.size()];
        ::kill(victim, SIGKILL);
        endOf(victim);
        victim = inChild([&] { work(seed); });
        ++seed;
    }
    for (const pid_t pid : workers) ::kill(pid, SIGKILL);
    for (const pid_t pid : workers) EXPECT_EQ(endOf(pid), SIGKILL);
    for (uint64_t n = 0; n < 40; ++n) {
        const auto found = find(n);
        if (found) {
            EXPECT_TRUE(isWhole(n, *found, read(*found)));
        }
    }
    EXPECT_TRUE(insert(1));
    EXPECT_TRUE(find(1));
}

TEST_F(Processes, ThatAreStoppedWithALockHoldNobodyUp) {
    insert(1);
    int told[2];
    ASSERT_EQ(::pipe(told), 0);
    const pid_t pid = inChild([&] {
        store->find(
            target(1),
            [&](std::string_view) -> Hash {
                EXPECT_EQ(::write(told[1], "x", 1), 1);
                ::raise(SIGSTOP);
                return {};
            },
            0, [](uint64_t, std::string_view) { return false; });
    });
    char byte = 0;
    ASSERT_EQ(::read(told[0], &byte, 1), 1);
    int end = 0;
    ASSERT_EQ(::waitpid(pid, &end, WUNTRACED), pid);
    EXPECT_FALSE(find(1)) << "as if it were not there";
    store->remove(target(1), 1);  // cannot be done now, and must not be forgotten
    ::kill(pid, SIGCONT);
    endOf(pid);
    EXPECT_FALSE(find(1));
    EXPECT_TRUE(insert(1));
    EXPECT_TRUE(find(1));
    ::close(told[0]);
    ::close(told[1]);
}

TEST_F(Processes, AreSeenToLiveAndToDie) {
    Presence own(*fake::Shareds::table(), shared(), store->head(), kMostShards);
    ASSERT_TRUE(own.hasSeat());
    EXPECT_TRUE(own.isAlive(own.seat(), own.life()));
    EXPECT_FALSE(own.isAlive(own.seat(), own.life() + 1));
    int up[2];
    ASSERT_EQ(::pipe(up), 0);
    const pid_t pid = inChild([&] {
        const Presence other(*fake::Shareds::table(), shared(), store->head(), kMostShards);
        const uint32_t who[2] = {other.seat(), other.life()};
        EXPECT_EQ(::write(up[1], who, sizeof who), static_cast<ssize_t>(sizeof who));
        ::pause();
    });
    uint32_t who[2];
    ASSERT_EQ(::read(up[0], who, sizeof who), static_cast<ssize_t>(sizeof who));
    EXPECT_NE(who[0], own.seat());
    EXPECT_TRUE(own.isAlive(who[0], who[1]));
    ::kill(pid, SIGKILL);
    endOf(pid);
    EXPECT_FALSE(own.isAlive(who[0], who[1]));
    ::close(up[0]);
    ::close(up[1]);
}

}  // namespace
}  // namespace turnpike::cache
