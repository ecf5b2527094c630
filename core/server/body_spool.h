// body_spool.h - a request body taken in whole: in memory up to a limit, then in an unnamed file. Many requests
// share one quota. Loop thread only.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "os/fd.h"
#include "os/file.h"

namespace turnpike::server {

/// What all spools of a worker may use together.
struct SpoolQuota {
    std::string folder;
    uint64_t memory;          // of one body; past it goes to a file
    uint64_t total;           // bytes in files, of all requests
    uint64_t per_client;      // bytes in files, of all requests of one client
    uint64_t free_per_mille;  // of the file system, kept free
    uint64_t used = 0;
    std::map<std::string, uint64_t, std::less<>> used_by = {};  // by client, those that use some
};

class BodySpool {
 public:
    ~BodySpool() { reset(); }

    /// `client`: who pays, the same for the whole body. 0, or the status to answer with (507: no room; 500) and
    /// *cause for the log.
    unsigned append(std::string_view data, std::string_view client, SpoolQuota& quota, std::string* cause);
    void reset();

    uint64_t size() const { return size_; }
    int fd() const { return file_.get(); }  // -1: in memory
    std::string_view memory() const { return memory_; }

 private:
    unsigned moveToFile(std::string_view client, SpoolQuota& quota, std::string* cause);
    unsigned checkRoom(uint64_t size, std::string* cause);
    unsigned write(std::string_view data, std::string* cause);
    void release();

    std::string memory_;
    os::Fd file_;
    uint64_t size_ = 0, written_ = 0, checked_ = 0;
    SpoolQuota* quota_ = nullptr;  // once there is a file
    std::string client_;
};

}  // namespace turnpike::server
