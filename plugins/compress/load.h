// load.h - how much of a worker's time goes into compressing. Loop thread; pure, time is given to it.
#pragma once
#include <chrono>

namespace turnpike::compress {

/// Seconds follow one another, each with its share. What a second spent beyond it is carried over.
class Load {
 public:
    using Clock = std::chrono::steady_clock;

    explicit Load(unsigned percent) : share_(percent < 100 ? kSecond * percent / 100 : Clock::duration::max()) {}

    bool isHigh(Clock::time_point now) {
        turn(now);
        return spent_ >= share_;
    }
    void add(Clock::time_point begin, Clock::time_point end) {
        turn(begin);
        spent_ += end - begin;
    }

 private:
    static constexpr Clock::duration kSecond = std::chrono::seconds(1);

    void turn(Clock::time_point now) {
        if (now - begin_ < kSecond) return;
        const auto seconds = (now - begin_) / kSecond;
        begin_ += kSecond * seconds;
        for (auto i = seconds; i > 0 && spent_ > Clock::duration::zero(); --i)
            spent_ = spent_ > share_ ? spent_ - share_ : Clock::duration::zero();
    }

    Clock::duration share_, spent_{};
    Clock::time_point begin_{};
};

}  // namespace turnpike::compress
