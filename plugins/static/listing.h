// listing.h - the page that lists a directory.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/plugin.hpp"
#include "sdk/services.h"

namespace turnpike::static_files {

/// How many names are listed: each costs an open, on the event loop.
inline constexpr size_t kMaxListed = 1000;

struct Listed {
    std::string name;
    bool is_folder;
    uint64_t size;
    int64_t modified;  // seconds since 1970
};
struct Listing {
    std::vector<Listed> names;
    bool is_cut = false;  // there are more
};

/// Reads the directory at `path` (ends with '/') under the host's rules for names. 0, or errno.
int readListing(const tp_io& io, tp_request* request, std::string_view path, Listing& listing);

/// An HTML page: folders first, each group by name. Pure. Every name is escaped for where it stands.
std::string listingPage(std::string_view path, Listing listing);

}  // namespace turnpike::static_files
