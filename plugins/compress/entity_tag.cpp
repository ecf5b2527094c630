#include "entity_tag.h"

namespace turnpike::compress {

bool isStrong(std::string_view tag) { return tag.starts_with('"'); }

std::string weakened(std::string_view strong_tag) { return "W/" + std::string(strong_tag); }

// No tag has a quote inside, so that the weak form with its quotes is found as a whole or not at all.
bool isAskedWeakly(const tp_request_view& asked, std::string_view strong_tag) {
    if (!isStrong(strong_tag) || (asked.present & TP_HAS_IF_NONE_MATCH) == 0) return false;
    const std::string weak = weakened(strong_tag);
    for (uint32_t i = 0; i < asked.field_count; ++i)
        if (text(asked.fields[i].name) == "if-none-match" &&
            text(asked.fields[i].value).find(weak) != std::string_view::npos)
            return true;
    return false;
}

}  // namespace turnpike::compress
