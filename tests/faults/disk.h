// disk.h - a small disk of the test's own.
#pragma once
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>

namespace turnpike::e2e {

/// A tmpfs at `path`; only root has the right to it.
class SmallDisk {
 public:
    SmallDisk(const std::string& path, const std::string& size) : path_(path) {
        ::mkdir(path.c_str(), 0755);
        mounted_ = ::mount("tmpfs", path.c_str(), "tmpfs", 0, ("size=" + size + ",mode=0777").c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool isThere() const { return mounted_; }
    std::string path() const { return path_; }
    uint64_t freeBytes() const {
        struct statvfs st {};
        return ::statvfs(path_.c_str(), &st) == 0 ? st.f_bfree * st.f_bsize : 0;
    }
    /// Not a byte more fits.
    void fill() const {
        std::ofstream file(path_ + "/fill", std::ios::app);
        const std::string block(4096, 'f');
        while (file << block << std::flush) {
        }
    }
    void makeRoom() const { ::unlink((path_ + "/fill").c_str()); }

 private:
    std::string path_;
    bool mounted_ = false;
};

}  // namespace turnpike::e2e
