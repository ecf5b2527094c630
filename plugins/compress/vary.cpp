#include "vary.h"

#include "sdk/support/lists.h"

namespace turnpike::compress {

std::optional<std::string> mergedVary(const tp_response_view& answer) {
    std::string merged;
    for (size_t i = 0; i < answer.field_count; ++i) {
        if (!support::equalsLower(text(answer.fields[i].name), "vary")) continue;
        for (std::string_view rest = text(answer.fields[i].value); !rest.empty();) {
            const std::string_view name = support::nextElement(rest);
            if (name == "*" || support::equalsLower(name, "accept-encoding")) return std::nullopt;
            if (!name.empty()) merged.append(name).append(", ");
        }
    }
    return merged + "Accept-Encoding";
}

}  // namespace turnpike::compress
