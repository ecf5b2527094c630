// The master with real processes: starting, replacing the dead, reloading, stopping.
#include "master_fixture.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <atomic>
#include <thread>

#include "os/local.h"

namespace turnpike::process {
namespace {
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST_F(MasterTest, StartsWorkersAndTellsWhoWaitsForIt) {
    startServing("workers 3\n");
    EXPECT_EQ(workers().size(), 3u);
    EXPECT_THAT(converse(), HasSubstr(" 1 "));
    EXPECT_EQ(read("pid"), std::to_string(master_) + "\n");
    auto status = ask("status");
    EXPECT_EQ(status->getValue<int>("generation"), 1);
    EXPECT_EQ(status->getObject("totals")->getObject("counters")->getValue<int>("requests"), 1);
}

TEST_F(MasterTest, DoesNotStartWithAConfigThatIsWrong) {
    struct Case {
        std::string config, said;
    } cases[] = {{"problem turnpike.toml:1:2: unknown key\n", "unknown key"},
                 {"probe_problem no plugin \"statik\"\n", "no plugin \"statik\""},
                 {"behaviour crash-probe\n", "a plugin ended the process that tried it out (SIG"},
                 {"behaviour crash-step\n", "the last step ended the process that tried it out (SIG"},
                 {"behaviour exit-step\n", "the last step ended the process that tried it out (exit status 0)"},
                 {"behaviour fail\n", "no such plugin"},
                 {"listen 192.0.2.1:80\n", "192.0.2.1:80"},
                 {"backend b 0 /bin/cat\n", "requests at once"}};
    for (const Case& c : cases) {
        configure(c.config);
        start();
        int status = waitForEnd();
        EXPECT_TRUE(WIFEXITED(status)) << c.config;
        EXPECT_EQ(WEXITSTATUS(status), 1) << c.config;
        EXPECT_THAT(read("stderr"), HasSubstr(c.said));
        EXPECT_EQ(read("pid"), "");
    }
}

TEST_F(MasterTest, RefusesToRunTwice) {
    startServing("");
    pid_t first = master_;
    start();
    int status = waitForEnd();
    master_ = first;
    EXPECT_EQ(WEXITSTATUS(status), 1);
    EXPECT_THAT(read("stderr"), HasSubstr("another turnpike serves already"));
    EXPECT_EQ(workers().size(), 2u);
}

TEST_F(MasterTest, GivesWorkersNoRootAndNoWayBack) {
    if (!os::isRoot()) GTEST_SKIP() << "needs root";
    startServing("user nobody\n");
    EXPECT_THAT(converse(), ::testing::EndsWith(" 65534"));
    std::string status = *os::readFile("/proc/" + std::to_string(*workers().begin()) + "/status");
    EXPECT_THAT(status, HasSubstr("Uid:\t65534\t65534\t65534\t65534"));
    EXPECT_THAT(status, HasSubstr("CapEff:\t0000000000000000"));
    EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1"));
}

TEST_F(MasterTest, GivesTheWorkersTheSpoolFolderThatItMakes) {
    if (!os::isRoot()) GTEST_SKIP() << "needs root";
    startServing("user nobody\nspool " + folder_ + "/spool\n");
    EXPECT_EQ(os::folderOwner(folder_ + "/spool"), 65534);
}

TEST_F(MasterTest, LeavesASpoolFolderThatIsEverybodysToItsOwner) {
    if (!os::isRoot()) GTEST_SKIP() << "needs root";
    const std::string everybodys = folder_ + "/tmp";
    std::filesystem::create_directory(everybodys);
    ASSERT_EQ(::chmod(everybodys.c_str(), 01777), 0);
    startServing("user nobody\nspool " + everybodys + "\n");
    EXPECT_EQ(os::folderOwner(everybodys), 0);
    EXPECT_EQ(read("stderr"), "");
}

TEST_F(MasterTest, RefusesASpoolFolderThatTheWorkersMayNotWriteTo) {
    if (!os::isRoot()) GTEST_SKIP() << "needs root";
    const std::string roots = folder_ + "/roots";
    std::filesystem::create_directory(roots);
    configure("user nobody\nspool " + roots + "\n");
    start();
    EXPECT_EQ(WEXITSTATUS(waitForEnd()), 1);
    EXPECT_EQ(os::folderOwner(roots), 0);
    EXPECT_THAT(read("stderr"), HasSubstr("the workers' user may not write to the folder " + roots));
}

TEST_F(MasterTest, GivesTheWorkersNoLogThatIsADevice) {
    if (!os::isRoot()) GTEST_SKIP() << "needs root";
    const std::string device = folder_ + "/null";
    if (::mknod(device.c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0)
        GTEST_SKIP() << "this root may not make devices";
    startServing("user nobody\naccess_log " + device + "\n");
    struct stat st {};
    ASSERT_EQ(::stat(device.c_str(), &st), 0);
    EXPECT_EQ(st.st_uid, 0u);
}

TEST_F(MasterTest, ReplacesAWorkerThatDiesAndKeepsWhatItCounted) {
    startServing("");
    for (int i = 0; i < 4; ++i) converse();
    auto before = workers();
    pid_t victim = *before.begin();
    ::kill(victim, SIGSEGV);
    ASSERT_TRUE(eventually([&] { return workers().size() == 2 && !workers().contains(victim); }));
    EXPECT_THAT(workers(), Contains(*std::next(before.begin()))) << "the other one is left alone";
    auto status = ask("status");
    EXPECT_EQ(status->getObject("totals")->getObject("counters")->getValue<int>("requests"), 4);
    EXPECT_EQ(status->getValue<int>("worker_deaths"), 1);
    EXPECT_THAT(read("error.log"),
                HasSubstr("(pid " + std::to_string(victim) + ", generation 1) ended with SIGSEGV"));
}

TEST_F(MasterTest, WaitsBetweenRestartsOfWorkersThatKeepDying) {
    startServing("workers 1\n");
    std::set<pid_t> now = workers();
    for (int death = 1; death <= 5; ++death) {
        ASSERT_EQ(now.size(), 1u);  // kill(0) would be for this process's whole group
        const auto before = now;
        ::kill(*now.begin(), SIGKILL);
        ASSERT_TRUE(eventually([&] {
            now = workers();
            return now.size() == 1 && now != before;
        }));
        EXPECT_EQ(read("error.log").find("replaced in 100 ms") != std::string::npos, death == 5);
    }
}

TEST_F(MasterTest, ReloadsWithoutRefusingOrCuttingAConnection) {
    startServing("listen 127.0.0.1:0\n");
    auto address = ask("status")->getArray("listen")->getElement<std::string>(0);
    int kept = connect(address);
    ASSERT_GE(kept, 0);
    ASSERT_THAT(line(kept), HasSubstr(" 1 "));
    std::atomic<bool> done = false;
    std::atomic<int> good = 0, bad = 0;
    std::thread client([&] {
        while (!done) {
            std::string text = converse(address);
            ++(text == "refused" || text.empty() ? bad : good);
        }
    });
    auto first = workers();
    EXPECT_THAT(reload(), IsEmpty());
    EXPECT_THAT(converse(address), HasSubstr(" 2 ")) << "a worker of before took a connection after the answer";
    EXPECT_EQ(::send(kept, "x", 1, MSG_NOSIGNAL), 1);
    EXPECT_EQ(line(kept), "bye");
    ::close(kept);
    for (int i = 0; i < 10; ++i) EXPECT_THAT(reload(), IsEmpty());
    done = true;
    client.join();
    EXPECT_EQ(bad.load(), 0);
    EXPECT_GT(good.load(), 10);
    EXPECT_EQ(ask("status")->getValue<int>("reloads"), 11);
    for (pid_t pid : first) EXPECT_TRUE(eventually([&] { return !isAlive(pid); }));
    EXPECT_EQ(ask("status")->getArray("listen")->getElement<std::string>(0), address);
}

TEST_F(MasterTest, KeepsServingWhenTheNewConfigIsWrong) {
    startServing("");
    auto before = workers();
    struct Case {
        std::string config, said;
    } cases[] = {{"problem file:1:2: bad\n", "file:1:2: bad"},
                 {"probe_problem no such plugin\n", "no such plugin"},
                 {"behaviour crash-probe\n", "a plugin ended the process"},
                 {"behaviour fail\n", "no such plugin"},
                 {"workers 4000\n", "[server] workers: at most"},
                 {"listen 192.0.2.1:80\n", "[server] listen: cannot bind 192.0.2.1:80"}};
    for (const Case& c : cases) {
        configure(c.config);
        EXPECT_THAT(reload(), ElementsAre(StartsWith(c.said)));
    }
    EXPECT_EQ(workers(), before);
    EXPECT_EQ(ask("status")->getValue<int>("failed_reloads"), 6);
    EXPECT_THAT(converse(), HasSubstr(" 1 "));
    configure("workers 3\n");
    EXPECT_THAT(reload(), IsEmpty());
    EXPECT_EQ(workers().size(), 3u);
}

TEST_F(MasterTest, OpensNewListeningSocketsAndClosesOldOnes) {
    startServing("listen unix:" + folder_ + "/old\n");
    configure("listen unix:" + folder_ + "/new\n");
    EXPECT_THAT(reload(), IsEmpty());
    EXPECT_THAT(converse("unix:" + folder_ + "/new"), HasSubstr(" 2 "));
    EXPECT_TRUE(eventually([&] {
        int fd = connect("unix:" + folder_ + "/old");
        if (fd >= 0) ::close(fd);
        return fd < 0;
    }));
    EXPECT_NE(::access((folder_ + "/old").c_str(), F_OK), 0);
}

TEST_F(MasterTest, AnswersAStormOfSignalsWithAFewReloads) {
    startServing("");
    size_t most = 0;
    for (int i = 0; i < 100; ++i) {
        ::kill(master_, SIGHUP);
        if (i % 10 == 0) most = std::max(most, workers("serving").size() + workers("draining").size());
    }
    EXPECT_LE(most, 4u);
    auto generation = [&] { return ask("status")->getValue<int>("generation"); };
    EXPECT_TRUE(eventually([&] { return generation() > 1 && workers("draining").empty(); }));
    EXPECT_LE(ask("status")->getValue<int>("reloads"), 30);
    EXPECT_EQ(workers().size(), 2u);
}

TEST_F(MasterTest, TellsSystemdAboutReloadsAndTheEnd) {
    startServing("");
    ::kill(master_, SIGHUP);
    EXPECT_THAT(nextNotice(), StartsWith("RELOADING=1\nMONOTONIC_USEC="));
    EXPECT_THAT(nextNotice(), StartsWith("READY=1\nSTATUS=generation 2 serves"));
    ::kill(master_, SIGTERM);
    EXPECT_THAT(nextNotice(), StartsWith("STOPPING=1"));
    EXPECT_EQ(waitForEnd(), 0);
}

TEST_F(MasterTest, DrainsOnTermAndLeavesNothingBehind) {
    startServing("backend b 2 /bin/sleep 60\n");
    auto pids = workers();
    for (pid_t pid : backend()) pids.insert(pid);
    pids.insert(ask("status")->getValue<int>("spawner_pid"));
    ASSERT_EQ(pids.size(), 4u);
    int fd = connect();
    ASSERT_THAT(line(fd), HasSubstr(" 1 "));
    ::kill(master_, SIGTERM);
    ASSERT_EQ(nextNotice().substr(0, 10), "STOPPING=1");
    EXPECT_EQ(::waitpid(master_, nullptr, WNOHANG), 0) << "a request is still open";
    ::send(fd, "x", 1, MSG_NOSIGNAL);
    EXPECT_EQ(line(fd), "bye");
    ::close(fd);
    EXPECT_EQ(waitForEnd(), 0);
    for (pid_t pid : pids) EXPECT_FALSE(isAlive(pid));
    for (const char* name : {"pid", "control", "web"})
        EXPECT_NE(::access((folder_ + "/" + name).c_str(), F_OK), 0) << name;
    EXPECT_EQ(::rmdir((folder_ + "/run").c_str()), 0) << "the runtime folder is empty";
}

/// The first workers serve while the last one still starts.
TEST_F(MasterTest, CutsNobodyOffWhenItIsStoppedWhileItStarts) {
    letWorkersWrite();
    configure("behaviour late\n");
    start();
    int fd = -1;
    ASSERT_TRUE(eventually([&] { return (fd = connect()) >= 0; }));
    ASSERT_THAT(line(fd), HasSubstr("0 1 "));
    ::kill(master_, SIGTERM);
    ASSERT_TRUE(eventually([&] { return !read("told").empty(); }));
    ::send(fd, "x", 1, MSG_NOSIGNAL);
    EXPECT_EQ(line(fd), "bye");
    ::close(fd);
    EXPECT_EQ(waitForEnd(), 0);
}

TEST_F(MasterTest, CutsNobodyOffWhenAReloadFails) {
    letWorkersWrite();
    startServing("workers 1\n");
    configure("behaviour late\n");
    ::kill(master_, SIGHUP);
    int fd = -1;
    const auto isNew = [&] {
        fd = connect();
        if (line(fd).starts_with("0 2 ")) return true;
        ::close(fd);
        return false;
    };
    ASSERT_TRUE(eventually(isNew));
    std::ofstream(folder_ + "/fail").flush();
    ASSERT_TRUE(eventually([&] { return !read("told").empty(); }));
    ::send(fd, "x", 1, MSG_NOSIGNAL);
    EXPECT_EQ(line(fd), "bye");
    ::close(fd);
    EXPECT_TRUE(eventually([&] { return read("error.log").find("reload failed") != std::string::npos; }));
    EXPECT_EQ(converse().substr(0, 4), "0 1 ");
}

TEST_F(MasterTest, EndsWorkersThatDoNotDrainAtTheDeadline) {
    startServing("behaviour hang\ndrain_ms 100\n");
    auto pids = workers();
    ::kill(master_, SIGTERM);
    EXPECT_EQ(waitForEnd(), 0);
    for (pid_t pid : pids) EXPECT_FALSE(isAlive(pid));
}

TEST_F(MasterTest, StopsByTheControlSocket) {
    startServing("");
    auto answer = process::ask(folder_ + "/control", "stop", 10'000);
    ASSERT_TRUE(answer);
    EXPECT_EQ(*answer, "");
    EXPECT_EQ(waitForEnd(), 0);
    answer = process::ask(folder_ + "/control", "status", 1000);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().text, StartsWith("turnpike is not running"));
}

TEST_F(MasterTest, TakesItsProcessesAlongWhenItIsKilled) {
    startServing("backend b 1 /bin/sleep 60\n");
    auto pids = workers();
    pids.insert(ask("status")->getValue<int>("spawner_pid"));
    for (pid_t pid : backend()) pids.insert(pid);
    ASSERT_EQ(pids.size(), 4u);
    ::kill(master_, SIGKILL);
    waitForEnd();
    for (pid_t pid : pids) EXPECT_TRUE(eventually([&] { return !isAlive(pid); })) << pid;
}

TEST_F(MasterTest, UsesTheListeningSocketsOfSystemd) {
    auto given = std::move(*os::listen(*os::Address::parse("127.0.0.1:0"), 16));
    os::Address address;
    os::localAddress(given.get(), os::Class::Listen, &address);
    configure("listen " + address.text() + "\n");
    start([&] {
        ::dup2(given.get(), 3);
        if (given.get() != 3) given.reset();
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
        ::setenv("LISTEN_FDS", "1", 1);
    });
    given.reset();
    ASSERT_TRUE(nextNotice().starts_with("READY=1\n"));
    EXPECT_THAT(converse(address.text()), HasSubstr(" 1 "));
    EXPECT_THAT(reload(), IsEmpty());
    EXPECT_THAT(converse(address.text()), HasSubstr(" 2 "));
}

TEST_F(MasterTest, ReplacesTheSpawnerAndItsBackends) {
    startServing("backend b 1 /bin/sleep 60\n");
    auto before = backend();
    ASSERT_EQ(before.size(), 1u);
    pid_t spawner = ask("status")->getValue<int>("spawner_pid");
    ::kill(spawner, SIGKILL);
    ASSERT_TRUE(eventually([&] { return backend().size() == 1 && backend() != before; }));
    EXPECT_NE(ask("status")->getValue<int>("spawner_pid"), spawner);
    EXPECT_TRUE(eventually([&] { return !isAlive(before[0]); }));
    EXPECT_EQ(workers().size(), 2u);
    EXPECT_THAT(reload(), IsEmpty());
}

TEST_F(MasterTest, ReopensItsLog) {
    startServing("");
    ASSERT_EQ(::rename((folder_ + "/error.log").c_str(), (folder_ + "/error.log.1").c_str()), 0);
    ::kill(master_, SIGUSR1);
    ASSERT_TRUE(eventually([&] { return ::access((folder_ + "/error.log").c_str(), F_OK) == 0; }));
    EXPECT_THAT(reload(), IsEmpty());
    EXPECT_THAT(read("error.log"), HasSubstr("generation 2 serves"));
}

}  // namespace
}  // namespace turnpike::process
