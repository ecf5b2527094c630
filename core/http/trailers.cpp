#include "http/trailers.h"

#include "http/response_head.h"
#include "http/syntax.h"
#include "sdk/support/trailer_field.h"

namespace turnpike::http {
namespace {

/// The end of the list member at the start of `list`: a comma, but not one in a quoted string.
size_t memberEnd(std::string_view list) {
    bool quoted = false;
    for (size_t i = 0; i < list.size(); ++i) {
        if (list[i] == '"') quoted = !quoted;
        if (quoted && list[i] == '\\') ++i;
        if (!quoted && list[i] == ',') return i;
    }
    return list.size();
}

}  // namespace

bool asksForTrailers(std::string_view te) {
    while (!te.empty()) {
        const size_t end = memberEnd(te);
        if (equalsLower(trimBlanks(te.substr(0, end)), "trailers")) return true;
        te.remove_prefix(end == te.size() ? end : end + 1);
    }
    return false;
}

bool isValidTrailer(std::string_view name, std::string_view value) {
    return isValidField(name, value) && support::mayFollowBody(name);
}

void appendLastChunk(std::string& to, const tp_field* trailers, size_t count) {
    to += "0\r\n";
    for (size_t i = 0; i < count; ++i) {
        to.append(trailers[i].name.ptr, trailers[i].name.len).append(": ");
        to.append(trailers[i].value.ptr, trailers[i].value.len).append("\r\n");
    }
    to += "\r\n";
}

}  // namespace turnpike::http
