// io.hpp - the fake host's turnpike.io/1: real files below the site's root, real sockets and pipes. It counts what
// a plugin asks of the kernel by class, and fails the calls that a test names.
#pragma once
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "../services.h"
#include "check.hpp"
#include "setup.hpp"

namespace turnpike::fake {

class Io {
 public:
    explicit Io(const Site& site) : current_(this), site_(site) {}

    /// The next call of that function ("open", "pread", "connect" ...) returns `error` (-errno) and does nothing.
    void failNext(const std::string& function, int error) {
        std::lock_guard hold(lock_);
        faults_[function].push_back(error);
    }
    /// How many calls of tp_io were made for TP_CLASS_*.
    uint64_t calls(unsigned crossing_class) const { return calls_[crossing_class].load(); }

    /// Endings that open() refuses to send as text.
    std::vector<std::string> never_static = {".php", ".phtml", ".phps", ".inc", ".cgi",
                                             ".pl",  ".py",    ".rb",   ".sh"};
    std::vector<std::string> backups = {"~", ".bak", ".old", ".orig", ".swp"};

    /// What look_up() knows.
    std::map<std::string, std::string> names = {{"localhost", "127.0.0.1"}};

    static const tp_io* table() {
        static const tp_io functions = {sizeof(tp_io), 0,         open, statFd,   pread,      list,
                                        connect,       connected, read, write,    pipe,       close,
                                        lane,          end,       took, withdraw, endWriting, lookUp};
        return &functions;
    }

 private:
    static Io& get() { return Current<Io>::get(); }

    /// 0, or the error that a test wants here.
    int32_t count(const char* function, unsigned crossing_class) {
        ++calls_[crossing_class];
        std::lock_guard hold(lock_);
        auto fault = faults_.find(function);
        if (fault == faults_.end() || fault->second.empty()) return 0;
        int error = fault->second.front();
        fault->second.pop_front();
        return error;
    }

    static bool endsIn(std::string_view name, const std::vector<std::string>& endings) {
        for (const std::string& ending : endings)
            if (name.ends_with(ending)) return true;
        return false;
    }
    /// The site's rules for names: 0, -ENOENT or -EPERM.
    int32_t rule(std::string_view path, uint32_t how) const {
        if (how == TP_OPEN_SETTINGS) return 0;
        for (size_t at = path.find('/'); at != path.npos; at = path.find('/', at + 1)) {
            std::string_view segment = path.substr(at + 1, path.find('/', at + 1) - at - 1);
            if (segment.starts_with('.') && segment != ".well-known") return -ENOENT;
        }
        if (endsIn(path, backups)) return -ENOENT;
        return how == TP_OPEN_CONTENT && endsIn(path, never_static) ? -EPERM : 0;
    }
    static int flagsFor(uint32_t how) {
        switch (how) {
            case TP_OPEN_CONTENT:
            case TP_OPEN_SETTINGS:
                return O_RDONLY | O_NONBLOCK;
            case TP_OPEN_SCRIPT:
                return O_PATH;
            case TP_OPEN_DIRECTORY:
                return O_RDONLY | O_DIRECTORY;
            default:
                die("open(): there is no way " + std::to_string(how) + " to open");
        }
    }
    static int32_t open(tp_request*, tp_str path, uint32_t how, tp_file* file) {
        loopOrPool("open");
        Io& io = get();
        const bool is_unlinked = (how & TP_OPEN_UNLINKED) != 0;
        how &= ~uint32_t{TP_OPEN_UNLINKED};
        int flags = flagsFor(how);
        std::string owned(path.ptr, path.len);
        if (int32_t error = io.count("open", TP_CLASS_FILE)) return error;
        if (io.site_.root.empty() || owned.find('\0') != owned.npos) return -ENOENT;
        if (!owned.starts_with('/')) owned.insert(0, "/");
        int32_t refused = io.rule(owned, how);
        if (refused == -ENOENT) return refused;
        int root = ::open(io.site_.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root < 0) return -errno;
        open_how as{};
        as.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
        as.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
        if (is_unlinked) as.resolve |= RESOLVE_NO_SYMLINKS;
        owned.erase(0, owned.find_first_not_of('/'));
        auto fd = static_cast<int32_t>(
            ::syscall(SYS_openat2, root, owned.empty() ? "." : owned.c_str(), &as, sizeof as));
        int error = fd < 0 ? -errno : refused;
        ::close(root);
        if (fd >= 0 && error == 0 && file != nullptr) error = fill(fd, file);
        if (error == 0) return fd;
        if (fd >= 0) ::close(fd);
        if (error == -ELOOP && is_unlinked) return error;
        return error == -EXDEV || error == -ELOOP ? -ENOENT : error;
    }
    static int32_t fill(int fd, tp_file* file) {
        struct stat st {};
        if (::fstat(fd, &st) < 0) return -errno;
        *file = {};
        file->struct_size = sizeof *file;
        file->type = S_ISREG(st.st_mode)   ? TP_FILE_REGULAR
                     : S_ISDIR(st.st_mode) ? TP_FILE_DIRECTORY
                                           : TP_FILE_OTHER;
        file->size = static_cast<uint64_t>(st.st_size);
        file->inode = st.st_ino;
        file->device = st.st_dev;
        file->mtime_s = st.st_mtim.tv_sec;
        file->mtime_ns = st.st_mtim.tv_nsec;
        file->mode = st.st_mode;
        return 0;
    }
    static int32_t statFd(tp_request*, int fd, tp_file* file) {
        loopOrPool("stat_fd");
        if (int32_t error = get().count("stat_fd", TP_CLASS_FILE)) return error;
        return fill(fd, file);
    }
    static int64_t pread(tp_request*, int fd, void* to, size_t size, uint64_t offset) {
        loopOrPool("pread");
        if (int32_t error = get().count("pread", TP_CLASS_FILE)) return error;
        ssize_t got = ::pread(fd, to, size, static_cast<off_t>(offset));
        return got < 0 ? -errno : got;
    }
    static int32_t list(tp_request*, int fd, int32_t (*each)(void*, tp_str), void* arg) {
        loopOrPool("list");
        if (int32_t error = get().count("list", TP_CLASS_FILE)) return error;
        DIR* folder = ::fdopendir(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
        if (folder == nullptr) return -errno;
        ::rewinddir(folder);
        while (dirent* entry = ::readdir(folder)) {
            std::string_view name = entry->d_name;
            if (name != "." && name != ".." && each(arg, str(name)) != 0) break;
        }
        ::closedir(folder);
        return 0;
    }

    struct Address {
        sockaddr_storage storage{};
        socklen_t size = 0;
    };
    /// "unix:/path", "127.0.0.1:9000", "[::1]:9000"; size 0: not an address.
    static Address parse(std::string_view text) {
        Address address;
        if (text.starts_with("unix:")) {
            auto* to = reinterpret_cast<sockaddr_un*>(&address.storage);
            text.remove_prefix(5);
            if (text.empty() || text.size() >= sizeof to->sun_path) return address;
            to->sun_family = AF_UNIX;
            text.copy(to->sun_path, text.size());
            address.size = sizeof *to;
            return address;
        }
        size_t colon = text.rfind(':');
        if (colon == text.npos) return address;
        std::string host(text.substr(0, colon));
        auto port = htons(static_cast<uint16_t>(std::atoi(std::string(text.substr(colon + 1)).c_str())));
        auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
        auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
        if (host.starts_with('[') && host.ends_with(']')) {
            host = host.substr(1, host.size() - 2);
            if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) != 1) return address;
            v6->sin6_family = AF_INET6;
            v6->sin6_port = port;
            address.size = sizeof *v6;
        } else if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
            v4->sin_family = AF_INET;
            v4->sin_port = port;
            address.size = sizeof *v4;
        }
        return address;
    }
    static int32_t connect(tp_request*, tp_str text, int32_t* done) {
        loopOnly("connect");
        *done = 0;
        if (int32_t error = get().count("connect", TP_CLASS_BACKEND)) return error;
        Address address = parse({text.ptr, text.len});
        if (address.size == 0) return -EINVAL;
        int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) return -errno;
        if (::connect(fd, reinterpret_cast<sockaddr*>(&address.storage), address.size) == 0) {
            *done = 1;
            return fd;
        }
        if (errno == EINPROGRESS) return fd;
        int error = -errno;
        ::close(fd);
        return error;
    }
    static int32_t connected(tp_request*, int fd) {
        loopOnly("connected");
        if (int32_t error = get().count("connected", TP_CLASS_BACKEND)) return error;
        int error = 0;
        socklen_t size = sizeof error;
        return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? -errno : -error;
    }
    static int64_t read(tp_request*, int fd, void* to, size_t size) {
        loopOnly("read");
        if (int32_t error = get().count("read", TP_CLASS_BACKEND)) return error;
        ssize_t got = ::read(fd, to, size);
        return got < 0 ? -errno : got;
    }
    static int64_t write(tp_request*, int fd, const tp_str* parts, size_t count) {
        loopOnly("write");
        if (int32_t error = get().count("write", TP_CLASS_BACKEND)) return error;
        std::vector<iovec> vector;
        for (size_t i = 0; i < count; ++i) vector.push_back({const_cast<char*>(parts[i].ptr), parts[i].len});
        msghdr message{};
        message.msg_iov = vector.data();
        message.msg_iovlen = vector.size();
        ssize_t put = ::sendmsg(fd, &message, MSG_NOSIGNAL);
        if (put < 0 && errno == ENOTSOCK) put = ::writev(fd, vector.data(), static_cast<int>(count));
        return put < 0 ? -errno : put;
    }
    static int32_t pipe(tp_request*, int32_t fds[2], uint32_t ours) {
        loopOnly("pipe");
        if (int32_t error = get().count("pipe", TP_CLASS_BACKEND)) return error;
        if (ours > 1) die("pipe(): `ours` is 0 or 1");
        if (::pipe2(fds, O_CLOEXEC) < 0) return -errno;
        return ::fcntl(fds[ours], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
    }
    /// There is no shared memory here.
    static int32_t lane(tp_request*, int) {
        loopOnly("lane");
        return -ENOTSUP;
    }
    static void end(tp_request*, int) { loopOnly("end"); }
    static uint32_t took(tp_request*, int) {
        loopOnly("took");
        return 0;
    }
    static int32_t withdraw(tp_request*, int) {
        loopOnly("withdraw");
        return 0;
    }
    static int32_t endWriting(tp_request*, int fd) {
        loopOnly("end_writing");
        if (int32_t error = get().count("end_writing", TP_CLASS_BACKEND)) return error;
        return ::shutdown(fd, SHUT_WR) < 0 ? -errno : 0;
    }
    static int64_t lookUp(tp_str name, char* to, size_t size) {
        const auto found = get().names.find(std::string(name.ptr, name.len));
        if (found == get().names.end()) return -ENOENT;
        if (found->second.size() > size) return -ENOSPC;
        std::copy(found->second.begin(), found->second.end(), to);
        return static_cast<int64_t>(found->second.size());
    }
    static void close(tp_request*, int fd, uint32_t crossing_class) {
        loopOrPool("close");
        if (crossing_class >= TP_CLASS_COUNT) die("close(): there is no class " + std::to_string(crossing_class));
        get().count("close", crossing_class);
        if (::close(fd) < 0) die("close(" + std::to_string(fd) + ") of a descriptor that is not open");
    }

    Current<Io> current_;
    const Site& site_;
    std::mutex lock_;
    std::map<std::string, std::deque<int>> faults_;
    std::array<std::atomic<uint64_t>, TP_CLASS_COUNT> calls_{};
};

}  // namespace turnpike::fake
