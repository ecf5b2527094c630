// check.hpp - what the fake host does when a plugin breaks the contract: it says so in one sentence and aborts, so
// that the test fails at the call that was wrong and not three callbacks later.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

namespace turnpike::fake {

[[noreturn]] inline void die(const std::string& sentence) {
    std::fprintf(stderr, "fake host: %s\n", sentence.c_str());
    std::abort();
}

/// Which kind of thread the caller is on. A Host's loop thread is the one that made the Host.
struct Threads {
    static inline std::thread::id loop;
    static inline thread_local bool is_pool = false;
    static inline bool in_setup = false;

    static bool onLoop() { return std::this_thread::get_id() == loop; }
};

/// The annotations of plugin.h: each function of the tables calls the one that it carries.
inline void loopOnly(const char* function) {
    if (!Threads::onLoop()) die(std::string(function) + "() is [loop]: it was called from another thread");
}
inline void loopOrPool(const char* function) {
    if (!Threads::onLoop() && !Threads::is_pool)
        die(std::string(function) + "() is [loop,pool]: it was called from a thread of the plugin's own");
}
inline void setupOnly(const char* function) {
    if (!Threads::onLoop() || !Threads::in_setup)
        die(std::string(function) + "() is [setup]: it was called outside configure()");
}

/// The one live object of its type. The tables' functions carry no host, so there is one Host at a time.
template <class T>
class Current {
 public:
    explicit Current(T* self) {
        if (self_ != nullptr) die("there may be one Host at a time");
        self_ = self;
    }
    ~Current() { self_ = nullptr; }
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;

    static T& get() {
        if (self_ == nullptr) die("a function of the host was called when there is no Host");
        return *self_;
    }

 private:
    static inline T* self_ = nullptr;
};

}  // namespace turnpike::fake
