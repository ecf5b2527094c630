// patience.h - how long a test waits for what must come.
#pragma once
#include <algorithm>
#include <chrono>
#include <thread>

namespace turnpike {

/// A bound for what never comes, no measure of how soon it does. From one question to the next counts 20 ms at
/// most: a machine that stood still, or had no processor to give, is no reason to give up.
class Patience {
 public:
    explicit Patience(std::chrono::milliseconds most) : left_(most) {}

    /// Counts the time since it was made or asked last; false: none is left.
    bool lasts() {
        const auto now = std::chrono::steady_clock::now();
        left_ -= std::min<std::chrono::nanoseconds>(now - last_, kMostOfATurn);
        last_ = now;
        return left_.count() > 0;
    }

 private:
    static constexpr std::chrono::milliseconds kMostOfATurn{20};
    std::chrono::nanoseconds left_;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// Asks every few milliseconds until it is so, ten seconds of patience unless told otherwise; whether it came.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds most = std::chrono::seconds(10)) {
    for (Patience patience(most); !condition(); std::this_thread::sleep_for(std::chrono::milliseconds(5)))
        if (!patience.lasts()) return false;
    return true;
}

}  // namespace turnpike
