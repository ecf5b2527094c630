// files.h - opening files of a site: below its root by the kernel's word, and never what must not be sent. Pure
// rules plus openat2; loop or pool thread.
#pragma once
#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "os/file.h"
#include "server/site.h"

namespace turnpike::server {

/// A name that holds code: sent only when the site says source_files = true.
bool isNeverStatic(std::string_view path);
/// A name that is somebody's backup or dump of something: treated as if it were not there.
bool isBackup(std::string_view path);
/// A path with a segment that begins with '.', but for /.well-known.
bool isHidden(std::string_view path);

/// A path with a segment that begins with ".ht", in any case: Apache's settings and passwords.
bool isOfApache(std::string_view path);

/// Settings: what a plugin obeys and nobody is sent, whatever its name.
enum class OpenFor : uint8_t { Content, Lookup, List, Settings };

/// A descriptor, or -errno: -ENOENT also for what is hidden, -EPERM for never-static names (Content only). Fills
/// *st. Of a route with a root of its own what follows the prefix is looked up there; what is run lies in the
/// site's root alone. `links`: what is done with symbolic links, the site's own rule where nobody says.
int openFile(const Site& site, std::string_view path, OpenFor what, struct stat* st, const Route* route = nullptr,
             std::optional<os::Links> links = std::nullopt);

}  // namespace turnpike::server
