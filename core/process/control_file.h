// control_file.h - the small files by which the kernel's control groups are read and set.
#pragma once
#include <cstring>
#include <string>

#include "base/result.h"
#include "os/file.h"

namespace turnpike::process {

/// "PATH: Permission denied"; `result` is -errno.
inline Error fileError(const std::string& path, int result) {
    return {-result, path + ": " + std::strerror(-result)};
}

/// 0 or -errno.
inline int writeControl(const std::string& path, const std::string& text) {
    int fd = os::open(path, O_WRONLY, 0, os::Class::File);
    if (fd < 0) return fd;
    os::Fd file(fd, os::Class::File);
    int64_t written = os::write(fd, text.data(), text.size(), os::Class::File);
    return written < 0 ? static_cast<int>(written) : 0;
}

}  // namespace turnpike::process
