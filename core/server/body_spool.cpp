#include "server/body_spool.h"

#include <cerrno>
#include <cstring>

namespace turnpike::server {
namespace {
/// How much is written between two looks at the free space of the disk.
constexpr uint64_t kCheckEvery = 16u << 20;
/// A string that grew for one large body gives its memory back.
constexpr size_t kKeepCapacity = 4096;

std::string because(const std::string& folder, int code) {
    return "cannot spool a request body in " + folder + ": " + std::strerror(code);
}
}  // namespace

void BodySpool::reset() {
    if (quota_ != nullptr) release();
    quota_ = nullptr;
    file_.reset();
    memory_.clear();
    if (memory_.capacity() > kKeepCapacity) memory_.shrink_to_fit();
    size_ = written_ = checked_ = 0;
}

void BodySpool::release() {
    quota_->used -= written_;
    auto mine = quota_->used_by.find(client_);
    if (mine != quota_->used_by.end() && (mine->second -= written_) == 0) quota_->used_by.erase(mine);
}

unsigned BodySpool::append(std::string_view data, std::string_view client, SpoolQuota& quota, std::string* cause) {
    size_ += data.size();
    if (!file_ && size_ <= quota.memory) {
        memory_.append(data);
        return 0;
    }
    if (!file_) {
        if (unsigned status = moveToFile(client, quota, cause); status != 0) return status;
    }
    return write(data, cause);
}

unsigned BodySpool::moveToFile(std::string_view client, SpoolQuota& quota, std::string* cause) {
    int fd = os::openUnnamed(quota.folder, os::Class::File);
    if (fd < 0) {
        *cause = because(quota.folder, -fd);
        return fd == -ENOSPC ? 507 : 500;
    }
    file_ = os::Fd(fd, os::Class::File);
    quota_ = &quota;
    client_ = client;
    std::string before;
    before.swap(memory_);
    return write(before, cause);
}

/// 507 when `size` bytes more would take what belongs to others.
unsigned BodySpool::checkRoom(uint64_t size, std::string* cause) {
    const SpoolQuota& quota = *quota_;
    auto mine = quota.used_by.find(client_);
    if (quota.used + size > quota.total) {
        *cause = "the spool quota of " + std::to_string(quota.total) + " bytes (limits.spool_total) is used up";
        return 507;
    }
    if ((mine == quota.used_by.end() ? 0 : mine->second) + size > quota.per_client) {
        *cause = "the client has used up its share of the spool, " + std::to_string(quota.per_client) +
                 " bytes (limits.spool_per_address)";
        return 507;
    }
    if (checked_ != 0 && written_ - checked_ < kCheckEvery) return 0;
    checked_ = written_ + 1;
    int free = os::freePerMille(file_.get(), os::Class::File);
    if (free < 0 || static_cast<uint64_t>(free) >= quota.free_per_mille) return 0;
    *cause = "less than " + std::to_string(quota.free_per_mille) + " per mille of " + quota.folder +
             " is free (limits.spool_free_per_mille)";
    return 507;
}

unsigned BodySpool::write(std::string_view data, std::string* cause) {
    if (unsigned status = checkRoom(data.size(), cause); status != 0) return status;
    while (!data.empty()) {
        int64_t done = os::pwrite(file_.get(), data.data(), data.size(), written_, os::Class::File);
        if (done < 0) {
            *cause = because(quota_->folder, static_cast<int>(-done));
            return done == -ENOSPC || done == -EDQUOT || done == -EFBIG ? 507 : 500;
        }
        written_ += static_cast<uint64_t>(done);
        quota_->used += static_cast<uint64_t>(done);
        quota_->used_by[client_] += static_cast<uint64_t>(done);
        data.remove_prefix(static_cast<size_t>(done));
    }
    return 0;
}

}  // namespace turnpike::server
