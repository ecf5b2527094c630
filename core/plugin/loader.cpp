#include "plugin/loader.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "os/file.h"

namespace turnpike::plugin {
namespace {

constexpr auto kFile = ledger::Class::File;

Error refuse(std::string sentence, int code = EINVAL) { return {code, std::move(sentence)}; }

std::string reason(int negative_errno) { return std::strerror(-negative_errno); }

bool isName(std::string_view name) {
    return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == name.npos;
}

std::string joined(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return list.empty() ? "none" : list;
}

/// Copies the whole of `from` into memory that nobody else can write.
Result<os::Fd> privateCopy(int from, const std::string& name) {
    int memory = os::memoryFile("turnpike-plugin-" + name, kFile);
    if (memory < 0) return refuse("cannot make a private copy of it: " + reason(memory), -memory);
    os::Fd copy(memory, kFile);
    std::vector<char> buffer(1u << 16);
    for (uint64_t at = 0;;) {
        int64_t size = os::pread(from, buffer.data(), buffer.size(), at, kFile);
        if (size == 0) return copy;
        if (size > 0) size = os::pwrite(memory, buffer.data(), static_cast<size_t>(size), at, kFile);
        if (size <= 0) return refuse("cannot make a private copy of it: " + reason(static_cast<int>(size)));
        at += static_cast<uint64_t>(size);
    }
}

/// A copy of a file that was cut short loads well and ends the process as soon as the missing part is touched.
bool isCutShort(int fd) {
    ElfW(Ehdr) head{};
    struct stat st {};
    if (os::fstat(fd, &st, kFile) < 0) return true;
    auto size = static_cast<uint64_t>(st.st_size);
    if (os::pread(fd, &head, sizeof head, 0, kFile) != sizeof head) return true;
    for (uint64_t i = 0; i < head.e_phnum; ++i) {
        ElfW(Phdr) part{};
        uint64_t at = head.e_phoff + i * sizeof part;
        if (os::pread(fd, &part, sizeof part, at, kFile) != sizeof part) return true;
        if (part.p_type == PT_LOAD && (part.p_offset > size || part.p_filesz > size - part.p_offset)) return true;
    }
    return false;
}

/// What dlerror() says, with the file's name in place of that of the copy.
std::string loadError(const std::string& copy_path) {
    const char* said = ::dlerror();
    std::string text = said != nullptr ? said : "unknown error";
    if (text.starts_with(copy_path + ": ")) text.erase(0, copy_path.size() + 2);
    return text;
}

}  // namespace

Module::~Module() {
    if ((table.capabilities & TP_CAP_RESIDENT) != 0)
        copy_.release();  // the code stays, and with it the number that names it
    else
        ::dlclose(library_);
}

std::vector<std::string> Loader::names() const {
    std::vector<std::string> found;
    int folder = os::open(folder_, O_RDONLY | O_DIRECTORY, 0, kFile);
    if (folder < 0) return found;
    os::Fd owner(folder, kFile);
    os::listDirectory(
        folder,
        [&](std::string_view name) {
            if (name.ends_with(".so")) found.emplace_back(name.substr(0, name.size() - 3));
            return true;
        },
        kFile);
    std::sort(found.begin(), found.end());
    return found;
}

/// Why what stands at `path` could have been written by somebody else; empty: it could not. Others may add files
/// to a parent folder with the sticky bit, but cannot replace what is not theirs.
std::string Loader::distrust(int fd, const std::string& path, bool is_parent) const {
    struct stat st {};
    if (int error = os::fstat(fd, &st, kFile); error < 0) return path + ": " + reason(error);
    if (st.st_uid != 0 && st.st_uid != owner_)
        return path + " belongs to user " + std::to_string(st.st_uid) + ", wanted root or user " +
               std::to_string(owner_);
    bool is_sticky = is_parent && (st.st_mode & S_ISVTX) != 0;
    if ((st.st_mode & S_IWOTH) != 0 && !is_sticky) return path + " is writable by everybody: chmod o-w";
    if ((st.st_mode & S_IWGRP) != 0 && !is_sticky) return path + " is writable by its group: chmod g-w";
    return {};
}

/// The plugin folder and each folder above it, as the kernel sees them: links in the name are followed first.
std::string Loader::distrustFolders() const {
    std::string path = folder_;
    struct stat below {};
    for (bool is_parent = false;; is_parent = true, path += "/..") {
        int fd = os::open(path, O_PATH | O_DIRECTORY, 0, kFile);
        if (fd < 0) return path + ": " + reason(fd);
        os::Fd owner(fd, kFile);
        struct stat st {};
        if (int error = os::fstat(fd, &st, kFile); error < 0) return path + ": " + reason(error);
        if (is_parent && st.st_ino == below.st_ino && st.st_dev == below.st_dev) return {};  // the root
        if (std::string why = distrust(fd, path, is_parent); !why.empty()) return why;
        below = st;
    }
}

Result<os::Fd> Loader::openFile(const std::string& path, std::string_view name) const {
    int fd = os::open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, kFile);
    if (fd == -ENOENT)
        return refuse(
            "there is no plugin \"" + std::string(name) + "\" in " + folder_ + "; there are: " + joined(names()),
            ENOENT);
    if (fd == -ELOOP) return refuse(path + " is a symbolic link: put the file itself there", ELOOP);
    if (fd < 0) return refuse(path + ": " + reason(fd), -fd);
    os::Fd file(fd, kFile);
    struct stat st {};
    if (int error = os::fstat(fd, &st, kFile); error < 0) return refuse(path + ": " + reason(error), -error);
    if (!S_ISREG(st.st_mode)) return refuse(path + " is not a regular file");
    if (std::string why = distrust(fd, path, false); !why.empty()) return refuse(why, EPERM);
    char magic[4] = {};
    if (os::pread(fd, magic, sizeof magic, 0, kFile) != 4 || std::memcmp(magic, "\177ELF", 4) != 0)
        return refuse(path + " is not a shared library: it has no ELF header");
    return file;
}

/// Asks the library for its table and keeps a copy; the reason when it is not acceptable.
std::string Loader::takeTable(Module& module) const {
    void* symbol = ::dlsym(module.library(), TP_PLUGIN_ENTRY);
    if (symbol == nullptr)
        return "is a library but no plugin: it does not export " TP_PLUGIN_ENTRY
               " (in C++: TURNPIKE_PLUGIN(Class))";
    auto entry = reinterpret_cast<tp_plugin_entry_fn>(symbol);
    const tp_plugin* given = entry(&host_);
    if (given == nullptr)
        return TP_PLUGIN_ENTRY "() returned NULL: it refuses this host, ABI " + std::to_string(host_.abi_major) +
               "." + std::to_string(host_.abi_minor);
    if (std::string why = refusal(*given); !why.empty()) return why;
    std::memcpy(&module.table, given, given->struct_size);
    return {};
}

Result<const tp_plugin*> Loader::load(std::string_view name) {
    if (auto known = modules_.find(name); known != modules_.end()) return &known->second.table;
    if (!isName(name))
        return refuse("\"" + std::string(name) + "\" is not a plugin's name: only a-z, 0-9, - and _ are allowed");
    if (std::string why = distrustFolders(); !why.empty()) return refuse("plugin folder refused: " + why, EPERM);
    const std::string path = pathOf(name);
    auto file = openFile(path, name);
    if (!file) return file.error();
    auto copy = privateCopy(file->get(), std::string(name));
    if (!copy) return refuse(path + ": " + copy.error().text, copy.error().code);

    if (isCutShort(copy->get())) return refuse(path + " is cut short: copy it there again");
    const std::string copy_path = "/proc/self/fd/" + std::to_string(copy->get());
    void* library = ::dlopen(copy_path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return refuse(path + " cannot be loaded: " + loadError(copy_path));
    auto [place, is_new] = modules_.try_emplace(std::string(name), library, std::move(*copy));
    std::string why = takeTable(place->second);
    if (why.empty()) return &place->second.table;
    modules_.erase(place);
    return refuse(path + ": " + why);
}

}  // namespace turnpike::plugin
