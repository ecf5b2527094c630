// files.h - from a request's path to what can be sent, through the host's open() and this worker's cache. One
// thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cache.h"
#include "resource.h"

namespace turnpike::static_files {

enum class Lookup : uint8_t {
    Found,
    Missing,  // or hidden: nobody can tell
    Folder,   // the path lacks its slash
    Listing,  // a directory without index, to be listed
    Script,   // exists and must never be sent as text
    Failed    // see error
};

struct Answer {
    Lookup what = Lookup::Missing;
    std::shared_ptr<Resource> resource = {};  // Found
    std::string source = {};                  // the file's path: the request's, or that of an index
    int error = 0;                            // errno
};

class Files {
 public:
    Files(const Settings& settings, const tp_io& io, support::HashKey key)
        : settings_(settings), io_(io), cache_(key, settings.memory_total, settings.open_files) {}

    /// What is ready and was checked within the last second; null: find() it. Calls nothing for a file in memory;
    /// one fstat for a larger one, which another process may be writing to.
    Resource* ready(tp_request* request, const tp_request_view& view);

    /// Looks the path up by name and makes it ready.
    Answer find(tp_request* request, const tp_request_view& view);

 private:
    struct Opened {
        Coding coding;
        OpenFile file;
        tp_file state;
    };

    bool isUntouched(tp_request* request, const Resource& resource) const;
    Answer findFile(tp_request* request, const tp_request_view& view, const std::string& source);
    Lookup whyRefused(tp_request* request, const std::string& source, int error) const;
    int32_t open(tp_request* request, const std::string& path, uint32_t how, tp_file& state) const;
    void openSiblings(tp_request* request, const std::string& source, std::vector<Opened>& opened) const;
    std::shared_ptr<Resource> refresh(tp_request* request, const tp_request_view& view, const std::string& source,
                                      std::vector<Opened> opened);
    std::shared_ptr<Resource> build(tp_request* request, const tp_request_view& view, const std::string& source,
                                    std::vector<Opened> opened) const;

    const Settings& settings_;
    const tp_io& io_;
    Cache cache_;
};

}  // namespace turnpike::static_files
