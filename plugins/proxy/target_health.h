// target_health.h - what requests and questions have taught a worker about a target. Pure: the time is an
// argument, in milliseconds.
#pragma once
#include "sdk/gateway/health.h"

namespace turnpike::proxy {

class TargetHealth : public gateway::Health {
 public:
    explicit TargetHealth(Rules rules) : Health(rules, kMostDoublings) {}

    /// No request is sent while it answers questions badly.
    bool isDown() const { return bad_answers_ >= kBadAnswers; }
    /// The answer to a question. True: it is down now and was not, or the other way round.
    bool asked(bool is_good);

 private:
    static constexpr unsigned kBadAnswers = 2, kMostDoublings = 4;

    unsigned bad_answers_ = 0;
};

}  // namespace turnpike::proxy
