// handover.h - the fields by which a script leaves the answer to the server: X-Sendfile names a file,
// X-Accel-Redirect a path of the site. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sdk/plugin.h"
#include "server/site.h"

namespace turnpike::server {

/// What the fields of an answer say of it; null: the field is not there.
struct Handover {
    const tp_field* sendfile = nullptr;
    const tp_field* accel = nullptr;
    bool any = false;  // one of these, or another X-Accel field: they are the server's and leave with no answer
};
Handover findHandover(const tp_field* fields, size_t count);
bool isHandoverField(std::string_view name);
/// What of the script's answer the file's answer carries, instead of its own or beside it.
enum class Keep : uint8_t { Not, Instead, Beside };
Keep keptAs(std::string_view name);

/// The path that stands for `file`, encoded as in a target, by the internal routes of the site that have a `root`;
/// nothing when the file is beneath none of them, or its name has segments that a plain path has not.
std::optional<std::string> pathOfFile(const Site& site, std::string_view file);

}  // namespace turnpike::server
