// What goes wrong in a program, what the log says of it, and what the client sees.
#include <chrono>

#include "error_lines.h"
#include "fixture.h"

namespace turnpike::cgi {
namespace {

class CgiErrors : public CgiTest {
 protected:
    void expectFailure(const std::string& target, unsigned status, const std::string& cause) {
        auto& request = get(target);
        EXPECT_EQ(request.failedWith(), status) << target;
        EXPECT_NE(request.cause().find(cause), std::string::npos) << target << ": " << request.cause();
    }
    size_t loggedBytes() {
        size_t bytes = 0;
        for (const auto& line : host.lines()) bytes += line.text.size();
        return bytes;
    }
};

TEST_F(CgiErrors, NameTheirCause) {
    load();
    expectFailure("/cgi-bin/silent.cgi", 502, "/cgi-bin/silent.cgi: wrote nothing: exit status 3");
    expectFailure("/cgi-bin/partial.cgi", 502, "did not finish its header: exit status 0");
    expectFailure("/cgi-bin/no_interpreter.cgi", 502,
                  "cannot be started: No such file or directory: it is missing, or its first line names an "
                  "interpreter that is, or ends in CR LF");
    expectFailure("/cgi-bin/crlf.cgi", 502, "or its first line names an interpreter that is, or ends in CR LF");
    expectFailure(
        "/cgi-bin/no_first_line.cgi", 502,
        "cannot be started: Exec format error: it is no program of this machine, and no script whose first "
        "line begins with #!");
    expectFailure("/cgi-bin/garbage.cgi", 502, "line 1 of its header has no colon");
    expectFailure("/cgi-bin/endless.cgi", 502, "its header is larger than 32768 bytes");
    expectFailure("/cgi-bin/crash?early", 502, "wrote nothing: ended by signal 11");
    EXPECT_EQ(host.processes.running(), 0u) << "and none of the programs is left";
}

TEST_F(CgiErrors, NameTheInterpreterOfTheConfig) {
    host.setList("interpreter", {"/nonexistent/perl"});
    load();
    expectFailure("/cgi-bin/script.txt", 502,
                  "/cgi-bin/script.txt: cannot be started: /nonexistent/perl: No such file or directory");
}

TEST_F(CgiErrors, NameTheLimitThatEndedAProgram) {
    host.set("cpu", "1s").set("file", "4KiB");
    load();
    expectFailure("/cgi-bin/over?cpu", 502,
                  "wrote nothing: ended by signal 24 (CPU time limit exceeded): see the key cpu");
    expectFailure("/cgi-bin/over?file", 502,
                  "wrote nothing: ended by signal 25 (File size limit exceeded): see the key file");
}

TEST_F(CgiErrors, OfAUserWithTooManyProcessesAre503) {
    load();
    host.processes.fail_next = EAGAIN;
    expectFailure(
        "/cgi-bin/hello", 503,
        "cannot be started: Resource temporarily unavailable: there are as many processes as its user or "
        "the site may have: see the keys processes and cgroup_processes");
}

TEST_F(CgiErrors, OfASpawnerThatIsAwayAre503) {
    load();
    host.processes.refuse_next = EAGAIN;
    expectFailure("/cgi-bin/hello", 503, "the spawner did not take it: Resource temporarily unavailable");
    EXPECT_EQ(get("/cgi-bin/hello").status(), 200u) << "its place is free again";
}

TEST_F(CgiErrors, OfMissingPipesAre503) {
    load();
    host.io.failNext("pipe", -EMFILE);
    expectFailure("/cgi-bin/hello", 503, "no pipe for the program: Too many open files");
    get("/cgi-bin/hello");
    size_t before = openDescriptors();
    host.io.failNext("pipe", 0);
    host.io.failNext("pipe", -EMFILE);
    expectFailure("/cgi-bin/hello", 503, "no pipe for the program: Too many open files");
    EXPECT_EQ(openDescriptors(), before);
}

TEST_F(CgiErrors, OfALookUpAreNotTheVisitorsFault) {
    load();
    host.io.failNext("open", -EIO);
    expectFailure("/cgi-bin/hello", 500, "cannot be looked up: Input/output error");
}

TEST_F(CgiErrors, NeverLookLikeAWholeAnswer) {
    load();
    auto& request = get("/cgi-bin/crash");
    EXPECT_EQ(request.failedWith(), 502u);
    EXPECT_NE(request.cause().find("did not finish its output: ended by signal 11"), std::string::npos)
        << request.cause();
    EXPECT_EQ(request.text().find("half"), std::string::npos) << "nothing had left yet: an error page";
}

TEST_F(CgiErrors, OfTheProgramGoToTheLogWithTheRequest) {
    load();
    auto& request = get("/cgi-bin/complains.cgi");
    EXPECT_EQ(request.text(), "fine");
    std::vector<std::string> lines;
    for (const auto& line : host.lines()) {
        EXPECT_EQ(line.request, request.id());
        EXPECT_EQ(line.level, TP_LOG_WARN);
        lines.push_back(line.text);
    }
    const std::vector<std::string> expected = {"/cgi-bin/complains.cgi: first complaint",
                                               "/cgi-bin/complains.cgi: second without an end"};
    EXPECT_EQ(lines, expected);
}

TEST_F(CgiErrors, AreCutToWhatTheLogCanTake) {
    load();
    auto& request = get("/cgi-bin/flood");
    EXPECT_EQ(request.text(), "flooded\n") << "it is read to its end all the same";
    EXPECT_LE(loggedBytes(), 12'000u);
    EXPECT_TRUE(host.lines().back().text.ends_with(" bytes dropped")) << host.lines().back().text;
}

TEST_F(CgiErrors, OfAllRequestsTogetherAreCutToo) {
    load();
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 12; ++i) get("/cgi-bin/flood");
    const auto took = std::chrono::steady_clock::now() - began;
    // A slow machine gives the programs more seconds, each with a budget of its own.
    const auto seconds = static_cast<size_t>(std::chrono::duration_cast<std::chrono::seconds>(took).count()) + 1;
    EXPECT_LE(loggedBytes(), seconds * 110'000u) << "64 KiB in a second, with the names before the lines";
    size_t before = loggedBytes();
    host.advance(1000);
    get("/cgi-bin/flood");
    EXPECT_GT(loggedBytes(), before + 8000u) << "the next second has a budget of its own";
}

TEST(ErrorLines, KeepLongLinesInPieces) {
    fake::Host host;
    Services services{*host.table(), *static_cast<const tp_io*>(host.table()->extension(TP_IO_ID)),
                      *static_cast<const tp_process*>(host.table()->extension(TP_PROCESS_ID)), host.worker()};
    LogBudget budget(services);
    ErrorLines lines(services, budget);
    lines.reset("/x", 0xabc);
    lines.take(std::string(1500, 'a') + "\r\n\nend", nullptr);
    lines.finish(nullptr);
    std::vector<std::string> expected = {"[0000000000000abc] /x: " + std::string(1024, 'a'),
                                         "[0000000000000abc] /x: " + std::string(476, 'a'),
                                         "[0000000000000abc] /x: end"};
    std::vector<std::string> got;
    for (const auto& line : host.lines()) got.push_back(line.text);
    EXPECT_EQ(got, expected);
}

}  // namespace
}  // namespace turnpike::cgi
