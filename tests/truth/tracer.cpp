#include "tracer.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

namespace turnpike::truth {
namespace {

using Poco::JSON::Object;
constexpr auto kPatience = std::chrono::seconds(15);
constexpr auto kStep = std::chrono::milliseconds(10);

Object::Ptr parse(const std::string& text) { return Poco::JSON::Parser().parse(text).extract<Object::Ptr>(); }

ledger::Account accountOf(const Object& crossings) {
    ledger::Account account;
    for (size_t i = 0; i < ledger::kClasses; ++i) {
        Object::Ptr of = crossings.getObject(ledger::name(static_cast<ledger::Class>(i)));
        if (of.isNull()) continue;
        account.of[i].calls = of->getValue<Poco::UInt64>("calls");
        account.of[i].errors = of->optValue<Poco::UInt64>("errors", 0);
        account.of[i].bytes = of->getValue<Poco::UInt64>("bytes");
    }
    account.event_milli = crossings.getValue<Poco::UInt64>("event_milli");
    return account;
}

Object::Ptr workerOf(const ServerProcess& server) {
    std::string status;
    if (server.run("status --json", &status) != 0) return nullptr;
    auto workers = parse(status)->getArray("workers");
    return workers->size() > 0 ? workers->getObject(0) : nullptr;
}

/// The port answers before the control socket does.
Object::Ptr servingWorker(const ServerProcess& server) {
    auto end = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < end) {
        Object::Ptr worker = workerOf(server);
        if (!worker.isNull() && worker->getValue<std::string>("state") == "serving") return worker;
        std::this_thread::sleep_for(kStep);
    }
    return nullptr;
}

std::string slurp(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

bool same(const ledger::Account& a, const ledger::Account& b) {
    if (a.event_milli != b.event_milli) return false;
    for (size_t i = 0; i < ledger::kClasses; ++i)
        if (a.of[i].calls != b.of[i].calls || a.of[i].bytes != b.of[i].bytes) return false;
    return true;
}

pid_t start(const std::string& worker, const std::string& file, const std::string& errors) {
    pid_t pid = fork();
    if (pid != 0) return pid;
    int fd = open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(fd, 2);
    execlp("strace", "strace", "-f", "-yy", "-v", "-s", "0", "-p", worker.c_str(), "-o", file.c_str(), nullptr);
    _exit(127);
}

}  // namespace

ledger::Account accountOf(const std::string& json_object) {
    return accountOf(*parse(json_object)->getObject("crossings"));
}

Tracer::Tracer(const ServerProcess& server)
    : server_(server),
      file_(server.folder().path() + "/trace"),
      count_(server.port(), {server.folder().path() + "/error.log", server.folder().path() + "/access.log"}) {
    Object::Ptr worker = servingWorker(server);
    if (worker.isNull()) {
        ADD_FAILURE() << "the server gives no status";
        problem_ = "no worker";
        return;
    }
    std::string errors = server.folder().path() + "/strace.txt";
    pid_ = start(worker->getValue<std::string>("pid"), file_, errors);
    auto end = std::chrono::steady_clock::now() + kPatience;
    while (slurp(errors).find("attached") == std::string::npos) {
        int status = 0;
        bool ended = waitpid(pid_, &status, WNOHANG) == pid_;
        if (ended) pid_ = -1;
        if (ended || std::chrono::steady_clock::now() > end) {
            problem_ = "strace cannot be attached (not installed, or ptrace is not permitted): " + slurp(errors);
            return;
        }
        std::this_thread::sleep_for(kStep);
    }
}

Tracer::~Tracer() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGINT);
    waitpid(pid_, nullptr, 0);
}

void Tracer::readMore() {
    std::ifstream file(file_);
    file.seekg(static_cast<std::streamoff>(read_));
    std::stringstream text;
    text << file.rdbuf();
    read_ += text.str().size();
    trace_.feed(text.str());
}

Tracer::Mark Tracer::mark() {
    Mark mark;
    auto end = std::chrono::steady_clock::now() + kPatience;
    ledger::Account before;
    while (std::chrono::steady_clock::now() < end) {
        readMore();
        size_t calls = trace_.calls().size();
        Object::Ptr worker = workerOf(server_);
        if (worker.isNull()) break;
        mark.account = accountOf(*worker->getObject("crossings"));
        readMore();
        bool quiet = trace_.isWaiting() && calls == trace_.calls().size() && same(before, mark.account);
        before = mark.account;
        mark.calls = calls;
        if (quiet) {
            mark.is_quiet = true;
            return mark;
        }
        std::this_thread::sleep_for(kStep);
    }
    return mark;
}

Count Tracer::between(const Mark& from, const Mark& to) {
    Count before, count;
    for (; counted_ < from.calls; ++counted_) count_.add(trace_.calls()[counted_], before);
    for (; counted_ < to.calls; ++counted_) count_.add(trace_.calls()[counted_], count);
    for (const std::string& line : trace_.unread()) count.unexplained.push_back("not understood: " + line);
    return count;
}

}  // namespace turnpike::truth
