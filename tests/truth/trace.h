// trace.h - what strace -f -yy -v says, taken apart: one Call for each system call that has returned.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::truth {

struct Call {
    int thread = 0;
    std::string name, args;
    int fd = -1;          // the first argument, when it is a descriptor
    std::string fd_text;  // what strace says it is: "TCP:[...]", "/path", "anon_inode:[eventfd]"
    int64_t result = 0;
    std::string error;        // "EAGAIN"; empty: it succeeded
    std::string result_text;  // of a descriptor that it returned
    std::string line;
};

class Trace {
 public:
    /// More of strace's output; a line may come in pieces.
    void feed(std::string_view text);
    const std::vector<Call>& calls() const { return calls_; }
    /// Lines that are neither calls nor signals nor ends of threads.
    const std::vector<std::string>& unread() const { return unread_; }
    /// The last thing that was seen is a wait for events that has not returned.
    bool isWaiting() const;

 private:
    void line(const std::string& text);
    bool call(int thread, const std::string& text);

    std::string rest_;
    std::map<int, std::string> unfinished_;  // by thread
    std::vector<Call> calls_;
    std::vector<std::string> unread_;
};

/// "42<TCP:[a->b]>, more" gives 42 and "TCP:[a->b]"; -1 when it does not begin with a descriptor.
int readDescriptor(std::string_view text, std::string* what);
/// The values that follow each `key` in the text, as strace prints structures.
std::vector<std::string> valuesOf(const std::string& text, const std::string& key);

}  // namespace turnpike::truth
