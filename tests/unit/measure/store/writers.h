// writers.h - processes that write to a store, and what they say.
#pragma once
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

extern char** environ;

namespace turnpike::measure {

/// The program of writer.cpp.
class Writer {
 public:
    explicit Writer(std::vector<std::string> arguments) {
        int ends[2];
        if (::pipe(ends) != 0) std::abort();
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
        ::posix_spawn_file_actions_addclose(&actions, ends[0]);
        arguments.insert(arguments.begin(), TURNPIKE_STORE_WRITER);
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        if (::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) std::abort();
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        output_ = ::fdopen(ends[0], "r");
    }
    ~Writer() {
        kill();
        std::fclose(output_);
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Empty at the end.
    std::string line() {
        char buffer[1024];
        if (std::fgets(buffer, sizeof buffer, output_) == nullptr) return "";
        std::string text = buffer;
        if (text.ends_with('\n')) text.pop_back();
        return text;
    }
    /// What it says until it ends.
    std::vector<std::string> rest() {
        std::vector<std::string> lines;
        for (std::string text = line(); !text.empty(); text = line()) lines.push_back(text);
        return lines;
    }
    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

 private:
    pid_t pid_ = 0;
    std::FILE* output_ = nullptr;
};

}  // namespace turnpike::measure
