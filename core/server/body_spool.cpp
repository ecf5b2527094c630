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
    if (quota_ != nullptr) quota_->used -= written_;
    quota_ = nullptr;
    file_.reset();
    memory_.clear();
    if (memory_.capacity() > kKeepCapacity) memory_.shrink_to_fit();
    size_ = written_ = checked_ = 0;
}

unsigned BodySpool::append(std::string_view data, SpoolQuota& quota, std::string* cause) {
    size_ += data.size();
    if (!file_ && size_ <= quota.memory) {
        memory_.append(data);
        return 0;
    }
    if (!file_) {
        if (unsigned status = moveToFile(quota, cause); status != 0) return status;
    }
    return write(data, quota, cause);
}

unsigned BodySpool::moveToFile(SpoolQuota& quota, std::string* cause) {
    int fd = os::openUnnamed(quota.folder, os::Class::File);
    if (fd < 0) {
        *cause = because(quota.folder, -fd);
        return fd == -ENOSPC ? 507 : 500;
    }
    file_ = os::Fd(fd, os::Class::File);
    quota_ = &quota;
    std::string before;
    before.swap(memory_);
    return write(before, quota, cause);
}

unsigned BodySpool::write(std::string_view data, SpoolQuota& quota, std::string* cause) {
    if (quota.used + data.size() > quota.total) {
        *cause = "the spool quota of " + std::to_string(quota.total) + " bytes (limits.spool_total) is used up";
        return 507;
    }
    if (checked_ == 0 || written_ - checked_ >= kCheckEvery) {
        int free = os::freePerMille(file_.get(), os::Class::File);
        if (free >= 0 && static_cast<uint64_t>(free) < quota.free_per_mille) {
            *cause = "less than " + std::to_string(quota.free_per_mille) + " per mille of " + quota.folder +
                     " is free (limits.spool_free_per_mille)";
            return 507;
        }
        checked_ = written_ + 1;
    }
    while (!data.empty()) {
        int64_t done = os::pwrite(file_.get(), data.data(), data.size(), written_, os::Class::File);
        if (done < 0) {
            *cause = because(quota.folder, static_cast<int>(-done));
            return done == -ENOSPC || done == -EDQUOT || done == -EFBIG ? 507 : 500;
        }
        written_ += static_cast<uint64_t>(done);
        quota.used += static_cast<uint64_t>(done);
        data.remove_prefix(static_cast<size_t>(done));
    }
    return 0;
}

}  // namespace turnpike::server
