// spawner_fixture.h - a real spawner process, and this process as its master and as one of its workers.
#pragma once
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "os/file.h"
#include "os/memory.h"
#include "os/process.h"
#include "os/socket.h"
#include "process/child_client.h"
#include "process/spawner.h"

namespace turnpike::process {

inline tp_str str(const std::string& s) { return {s.data(), s.size()}; }

/// A pid's state letter, 0: no such process.
inline char stateOf(pid_t pid) {
    auto text = os::readFile("/proc/" + std::to_string(pid) + "/stat");
    return text ? (*text)[text->rfind(')') + 2] : '\0';
}

/// Waits up to five seconds for `done`.
template <class F>
bool eventually(F done) {
    for (int i = 0; i < 500; ++i) {
        if (done()) return true;
        ::usleep(10'000);
    }
    return done();
}

/// One program started through a ChildClient: what it printed, and its end.
struct Program {
    std::string output;
    int ends = 0;
    tp_child_end end{};
    tp_child* child = nullptr;
    int32_t error = 0;
    os::Fd out;
};

class SpawnerTest : public ::testing::Test {
 protected:
    void SetUp() override {
        slot_ = std::move(*os::SharedMemory::create(sizeof(ledger::ChildrenSlot)));
        loop_ = std::move(*net::EventLoop::create());
        startSpawner();
    }

    void TearDown() override {
        client_.reset();
        master_.reset();
        if (spawner_ > 0) ::waitpid(spawner_, nullptr, 0);
    }

    void startSpawner() {
        auto ends = std::move(*os::messagePair());
        spawner_ = os::fork();
        if (spawner_ == 0) {
            ends.first.reset();
            master_.reset();
            os::ErrorLog log("spawner");
            (void)log.open("/dev/null", TP_LOG_DEBUG);
            os::exitNow(Spawner(std::move(ends.second), slot(), log).run());
        }
        master_ = std::move(ends.first);
        os::setBlocking(master_.get(), true);
    }

    ledger::ChildrenSlot& slot() { return *static_cast<ledger::ChildrenSlot*>(slot_.data()); }

    void tell(const Writer& message, int fd = -1) {
        os::sendMessage(master_.get(), message.bytes().data(), message.bytes().size(), &fd, fd >= 0 ? 1 : 0,
                        ledger::Class::Spawn);
    }

    static Writer start(Tell what, uint32_t generation) {
        return Writer().u32(static_cast<uint32_t>(what)).u32(generation);
    }

    /// The programs of site i run as sites[i]; none: as this user.
    void tellUsers(const std::vector<os::Identity>& sites, const std::string& runtime_folder = "/tmp") {
        Writer to = start(Tell::Users, 1);
        write(to, UserTable{{!sites.empty(), {}}, 0, runtime_folder});
        tell(to);
        for (size_t next = 0; next < sites.size();) {
            Writer more = start(Tell::SiteUsers, 1);
            next = writeSiteUsers(more, sites, next);
            tell(more);
        }
    }

    /// Makes this process a worker. Returns the spawner's end of the channel.
    os::Fd connect() {
        auto ends = std::move(*os::messagePair());
        tell(start(Tell::Worker, 1).u32(0), ends.second.get());
        client_ = std::make_unique<ChildClient>(std::move(ends.first));
        EXPECT_EQ(client_->attach(*loop_), 0);
        return std::move(ends.second);
    }

    void spawn(Program& run, const std::vector<std::string>& command, tp_spawn spec = {},
               const std::vector<std::string>& env = {}, uint32_t site = 0) {
        int fds[2];
        ASSERT_EQ(os::pipe(fds, 0, ledger::Class::Backend), 0);
        run.out = os::Fd(fds[0], ledger::Class::Backend);
        os::Fd theirs(fds[1], ledger::Class::Backend), null(::open("/dev/null", O_RDWR), ledger::Class::File);
        std::vector<tp_str> argv, variables;
        for (const auto& text : command) argv.push_back(str(text));
        for (const auto& text : env) variables.push_back(str(text));
        spec.struct_size = sizeof spec;
        spec.stdin_fd = null.get();
        spec.stdout_fd = spec.stderr_fd = theirs.get();
        spec.argv = argv.data();
        spec.argc = argv.size();
        spec.env = variables.data();
        spec.envc = variables.size();
        auto ended = [](void* arg, const tp_child_end* end) {
            auto& r = *static_cast<Program*>(arg);
            r.end = *end;
            ++r.ends;
        };
        run.child = client_->spawn({site, "site"}, spec, ended, &run, &run.error);
    }

    /// Runs the loop until `done`, five seconds at most.
    template <class F>
    bool loopUntil(F done) {
        struct State {
            net::EventLoop& loop;
            F& done;
            net::Timer* timer;
            int left;
        } state{*loop_, done, nullptr, 500};
        net::Timer timer(
            [](void* arg) {
                auto& s = *static_cast<State*>(arg);
                if (s.done() || --s.left == 0)
                    s.loop.stop();
                else
                    s.loop.arm(*s.timer, 10);
            },
            &state);
        state.timer = &timer;
        loop_->arm(timer, 1);
        loop_->run();
        loop_->disarm(timer);
        return done();
    }

    bool finish(Program& run) {
        bool ended = loopUntil([&] { return run.ends > 0; });
        char buffer[65536];
        int64_t size = os::read(run.out.get(), buffer, sizeof buffer, ledger::Class::Backend);
        if (size > 0) run.output.assign(buffer, static_cast<size_t>(size));
        return ended;
    }

    os::SharedMemory slot_;
    std::unique_ptr<net::EventLoop> loop_;
    std::unique_ptr<ChildClient> client_;
    os::Fd master_;
    pid_t spawner_ = -1;
};

}  // namespace turnpike::process
