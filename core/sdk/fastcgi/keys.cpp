#include "sdk/fastcgi/keys.h"

namespace turnpike::fastcgi {

std::vector<std::string> KeyReader::phpIndex() const {
    const tp_str* names = nullptr;
    size_t count = host_.site_index(&setup_, &names);
    std::vector<std::string> index;
    for (size_t i = 0; i < count; ++i)
        if (text(names[i]).ends_with(".php")) index.emplace_back(text(names[i]));
    return index;
}

BackendLimits KeyReader::limits(const char* processes) const {
    return {gateway::readLimits(host_, &setup_, processes), gateway::readGroupLimits(host_, &setup_)};
}

void KeyReader::rules(Rules& to) const {
    waiting(to);
    to.stream_body = isTrue("stream_body");
    to.params = map("params");
    to.pass_authorization = isTrue("pass_authorization");
    to.index = phpIndex();
}

}  // namespace turnpike::fastcgi
