// The fake host's loop and services: threads, descriptors, timers, files, children and backends are real.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "scripted.h"

using turnpike::answer;
using turnpike::str;
using turnpike::text;
using turnpike::fake::Host;
using turnpike::testing::Scripted;

namespace {

/// A folder that is gone at the end of the test.
struct Folder {
    Folder() {
        char name[] = "/tmp/turnpike-fake-XXXXXX";
        path = mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    void write(const std::string& name, const std::string& content) {
        std::ofstream(path + "/" + name) << content;
    }
    std::string path;
};

struct Job {
    Scripted* plugin;
    tp_ticket* ticket;
    std::thread::id ran_on;
};

tp_verdict deferToPool(Scripted& p, Job& job, tp_request* r) {
    job = {&p, p.host->defer(r), {}};
    auto work = [](void* arg) {
        auto* j = static_cast<Job*>(arg);
        j->ran_on = std::this_thread::get_id();
        auto go_on = [](tp_request* request, void* a) {
            auto* same = static_cast<Job*>(a);
            if (request != nullptr) answer(*same->plugin->host, request, 200, "text/plain", "from the pool");
        };
        j->plugin->host->resume(j->ticket, go_on, j);
    };
    EXPECT_EQ(p.host->offload(p.worker, work, &job), 0);
    return TP_PENDING;
}

TEST(FakeLoop, OffloadsAndResumes) {
    Scripted p;
    Job job{};
    p.request = [&](tp_request* r) { return deferToPool(p, job, r); };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/");
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_EQ(r.text(), "from the pool");
    EXPECT_NE(job.ran_on, std::this_thread::get_id());
    EXPECT_EQ(host.tickets(), 0u);
}

TEST(FakeLoop, ResumesWithNothingWhenTheRequestHasEnded) {
    Scripted p;
    tp_ticket* ticket = nullptr;
    bool was_null = false;
    p.request = [&](tp_request* r) {
        ticket = p.host->defer(r);
        return TP_PENDING;
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.begin(host.get("/"));
    host.settle();
    r.leave();
    ASSERT_TRUE(host.run(r));
    EXPECT_EQ(host.tickets(), 1u);
    p.host->resume(
        ticket, [](tp_request* q, void* arg) { *static_cast<bool*>(arg) = q == nullptr; }, &was_null);
    host.settle();
    EXPECT_TRUE(was_null);
}

TEST(FakeLoop, RunsBlockingPluginsOnThePool) {
    Scripted p;
    p.capabilities = TP_CAP_BLOCKING;
    std::thread::id ran_on;
    p.request = [&](tp_request* r) {
        ran_on = std::this_thread::get_id();
        tp_ticket* ticket = p.host->defer(r);
        auto run = [](tp_request* q, void* a) {
            answer(*static_cast<Scripted*>(a)->host, q, 200, "text/plain", "slow");
        };
        p.host->resume(ticket, run, &p);
        return TP_PENDING;
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/");
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_NE(ran_on, std::this_thread::get_id());
    EXPECT_EQ(r.text(), "slow");
}

TEST(FakeLoop, SaysWhenThePoolIsFull) {
    Scripted p;
    p.request = [&](tp_request* r) {
        EXPECT_EQ(p.host->offload(
                      p.worker, [](void*) {}, nullptr),
                  -EAGAIN);
        return answer(*p.host, r, 503, "text/plain", "");
    };
    Host host;
    host.loop.pool.limit = 0;
    ASSERT_TRUE(host.load(p.table()));
    ASSERT_TRUE(host.run(host.get("/")));
}

TEST(FakeLoop, TellsEdgesOfADescriptor) {
    Scripted p;
    p.request = [](tp_request*) { return TP_DECLINED; };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    int fds[2];
    ASSERT_EQ(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    std::vector<uint32_t> told;
    auto ready = [](void* arg, uint32_t what) { static_cast<std::vector<uint32_t>*>(arg)->push_back(what); };
    tp_watch* watch = p.host->watch(p.worker, fds[0], TP_READABLE, ready, &told);
    ASSERT_EQ(write(fds[1], "x", 1), 1);
    host.settle();
    EXPECT_EQ(told, std::vector<uint32_t>{TP_READABLE});  // once, though nobody read
    close(fds[1]);
    host.settle();
    EXPECT_EQ(told.back() & TP_HANGUP, TP_HANGUP);
    p.host->unwatch(p.worker, watch);
    close(fds[0]);
}

TEST(FakeLoop, AdvancesTime) {
    Scripted p;
    p.request = [](tp_request*) { return TP_DECLINED; };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    int fired = 0, cancelled = 0;
    auto count = [](void* arg) { ++*static_cast<int*>(arg); };
    p.host->timer(p.worker, 60'000, count, &fired);
    tp_timer* other = p.host->timer(p.worker, 60'000, count, &cancelled);
    host.advance(59'000);
    EXPECT_EQ(fired, 0);
    p.host->cancel(p.worker, other);
    host.advance(1'000);
    EXPECT_EQ(fired, 1);
    EXPECT_EQ(cancelled, 0);
}

/// The result of opening `path` as `how` in a site at `root`.
int openIn(const std::string& root, const std::string& path, uint32_t how) {
    Scripted p;
    int result = 0;
    p.request = [&](tp_request* r) {
        auto* io = static_cast<const tp_io*>(p.host->extension(TP_IO_ID));
        result = io->open(r, str(path), how, nullptr);
        if (result >= 0) io->close(r, result, TP_CLASS_FILE);
        return TP_DECLINED;
    };
    Host host;
    host.site.root = root;
    EXPECT_TRUE(host.load(p.table()));
    EXPECT_TRUE(host.run(host.get("/")));
    return result < 0 ? result : 0;
}

TEST(FakeIo, OpensOnlyWhatTheSiteShows) {
    Folder folder;
    std::filesystem::create_directory(folder.path + "/site");
    folder.write("outside", "x");
    for (const char* name : {"page.html", "x.php", ".env", "x.php~"})
        folder.write(std::string("site/") + name, "x");
    std::filesystem::create_symlink("../outside", folder.path + "/site/link");
    std::filesystem::create_symlink("page.html", folder.path + "/site/inner");
    std::string root = folder.path + "/site";
    struct {
        const char* path;
        uint32_t how;
        int result;
    } cases[] = {{"/page.html", TP_OPEN_CONTENT, 0},
                 {"/", TP_OPEN_DIRECTORY, 0},
                 {"/x.php", TP_OPEN_CONTENT, -EPERM},
                 {"/x.php", TP_OPEN_SCRIPT, 0},
                 {"/.env", TP_OPEN_CONTENT, -ENOENT},
                 {"/x.php~", TP_OPEN_CONTENT, -ENOENT},
                 {"/link", TP_OPEN_CONTENT, -ENOENT},
                 {"/../outside", TP_OPEN_CONTENT, -ENOENT},
                 {"/none", TP_OPEN_CONTENT, -ENOENT},
                 {"/inner", TP_OPEN_CONTENT, 0},
                 {"/inner", TP_OPEN_CONTENT | TP_OPEN_UNLINKED, -ELOOP}};
    for (auto& c : cases) EXPECT_EQ(openIn(root, c.path, c.how), c.result) << c.path;
}

TEST(FakeIo, SendsFilesWithoutLosingThem) {
    Folder folder;
    folder.write("page", "0123456789");
    Scripted p;
    p.request = [&](tp_request* r) {
        auto* io = static_cast<const tp_io*>(p.host->extension(TP_IO_ID));
        tp_file file{};
        int fd = io->open(r, str("/page"), TP_OPEN_CONTENT, &file);
        EXPECT_EQ(file.size, 10u);
        EXPECT_EQ(file.type, TP_FILE_REGULAR);
        EXPECT_EQ(p.host->start(r, 206, nullptr, 0, 5), 0);
        EXPECT_EQ(p.host->send_file(r, fd, 2, 5, TP_LAST | TP_GIVE_FD), TP_WAIT);
        return TP_DONE;
    };
    Host host;
    host.site.root = folder.path;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/").takes(2);
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_EQ(r.text(), "23456");
    EXPECT_EQ(host.io.calls(TP_CLASS_FILE), 1u);
}

TEST(FakeIo, FailsTheCallsThatATestNames) {
    Scripted p;
    p.request = [&](tp_request* r) {
        auto* io = static_cast<const tp_io*>(p.host->extension(TP_IO_ID));
        int32_t done = 0, fds[2];
        EXPECT_EQ(io->connect(r, str("127.0.0.1:1"), &done), -EMFILE);
        EXPECT_EQ(io->pipe(r, fds, 0), -ENFILE);
        EXPECT_EQ(io->connect(r, str("unix:/nonexistent/socket"), &done), -ENOENT);
        EXPECT_EQ(io->connect(r, str("nowhere"), &done), -EINVAL);
        return TP_DECLINED;
    };
    Host host;
    host.io.failNext("connect", -EMFILE);
    host.io.failNext("pipe", -ENFILE);
    ASSERT_TRUE(host.load(p.table()));
    ASSERT_TRUE(host.run(host.get("/")));
}

/// How one child ended.
struct Ended {
    int calls = 0;
    tp_child_end end{};
    std::string output;
};

Ended runChild(const std::vector<std::string>& words, bool kill_it) {
    Scripted p;
    p.request = [](tp_request*) { return TP_DECLINED; };
    Host host;
    EXPECT_TRUE(host.load(p.table()));
    auto* process = static_cast<const tp_process*>(p.host->extension(TP_PROCESS_ID));
    int fds[2];
    EXPECT_EQ(pipe2(fds, O_CLOEXEC), 0);
    std::vector<tp_str> argv;
    for (auto& word : words) argv.push_back(str(word));
    tp_str env = str("GREETING=hello");
    tp_spawn spec{};
    spec.struct_size = sizeof spec;
    spec.stdin_fd = spec.stderr_fd = fds[1];
    spec.stdout_fd = fds[1];
    spec.argv = argv.data();
    spec.argc = argv.size();
    spec.env = &env;
    spec.envc = 1;
    Ended ended;
    int32_t error = 0;
    auto note = [](void* arg, const tp_child_end* end) {
        auto* to = static_cast<Ended*>(arg);
        ++to->calls;
        to->end = *end;
    };
    tp_child* child = process->spawn(nullptr, p.worker, &spec, note, &ended, &error);
    EXPECT_NE(child, nullptr);
    EXPECT_EQ(ended.calls, 0);
    close(fds[1]);
    if (kill_it) process->kill(child, 0);
    EXPECT_TRUE(host.runUntil([&] { return ended.calls > 0; }));
    char buffer[1000];
    ssize_t size = read(fds[0], buffer, sizeof buffer);
    close(fds[0]);
    ended.output.assign(buffer, size > 0 ? static_cast<size_t>(size) : 0);
    return ended;
}

TEST(FakeProcess, RunsAChildWithItsEnvironmentAndNothingElse) {
    Ended ended = runChild(
        {"/bin/sh", "-c",
         "echo $GREETING; for n in 0 1 2 3 4 5 6 7 8 9; do test -e /proc/$$/fd/$n && echo -n $n; done; exit 3"},
        false);
    EXPECT_EQ(ended.output, "hello\n012");
    EXPECT_EQ(WEXITSTATUS(ended.end.status), 3);
    EXPECT_EQ(ended.calls, 1);
}

TEST(FakeProcess, KillsTheWholeGroup) {
    Ended ended = runChild({"/bin/sh", "-c", "trap '' TERM; sleep 30"}, true);
    EXPECT_TRUE(WIFSIGNALED(ended.end.status));
}

TEST(FakeProcess, TellsThatAProgramCouldNotBeStarted) {
    Ended ended = runChild({"/nonexistent/program"}, false);
    EXPECT_EQ(ended.end.status, -1);
    EXPECT_EQ(ended.end.error, ENOENT);
}

TEST(FakeBackendDeathTest, EndsTheTestWhenASpecHasNoSize) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    Scripted p;
    p.configure = [&](const tp_host* h, tp_setup* s) -> void* {
        tp_backend_spec spec{};
        spec.name = str("php");
        spec.count = 2;
        return static_cast<const tp_backend_service*>(h->extension(TP_BACKEND_ID))->declare(s, &spec);
    };
    Host host;
    EXPECT_DEATH(host.load(p.table()), "struct_size of the tp_backend_spec is not set");
}

TEST(FakeBackend, CountsPlacesOverAllWorkers) {
    Scripted p;
    tp_backend* backend = nullptr;
    p.configure = [&](const tp_host* h, tp_setup* s) -> void* {
        auto* service = static_cast<const tp_backend_service*>(h->extension(TP_BACKEND_ID));
        tp_backend_spec spec{};
        spec.struct_size = sizeof spec;
        spec.name = str("php");
        spec.count = 2;
        backend = service->declare(s, &spec);
        EXPECT_EQ(text(service->address(backend)), "unix:/there");
        return backend;
    };
    Host host;
    host.backends.addressOf("php", "unix:/there");
    ASSERT_TRUE(host.load(p.table()));
    auto* service = static_cast<const tp_backend_service*>(p.host->extension(TP_BACKEND_ID));
    int told = 0;
    service->on_place(
        backend, p.worker, [](void* arg) { ++*static_cast<int*>(arg); }, &told);
    host.backends.take(0, 1);
    EXPECT_EQ(service->acquire(backend, p.worker), 1);
    EXPECT_EQ(service->acquire(backend, p.worker), 0);
    EXPECT_EQ(service->wanted(backend, p.worker), 0);
    host.backends.give(0, 1);
    host.settle();
    EXPECT_EQ(told, 1);
    EXPECT_EQ(service->acquire(backend, p.worker), 1);
    service->release(backend, p.worker);
    service->release(backend, p.worker);
    host.backends.want(0, true);
    host.settle();
    EXPECT_EQ(told, 2);
}

}  // namespace
