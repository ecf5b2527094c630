#include "target_health.h"

#include <algorithm>

namespace turnpike::proxy {

bool TargetHealth::asked(bool is_good) {
    const bool was_down = isDown();
    bad_answers_ = is_good ? 0 : std::min(bad_answers_ + 1, kBadAnswers);
    return isDown() != was_down;
}

}  // namespace turnpike::proxy
