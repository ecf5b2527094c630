#include "cli/output.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>

#include "os/fd.h"
#include "os/file.h"
#include "os/local.h"

namespace turnpike::cli {
namespace {

int64_t writeAll(int fd, const std::string& text) {
    for (size_t done = 0; done < text.size();) {
        int64_t wrote = os::write(fd, text.data() + done, text.size() - done, os::Class::File);
        if (wrote == -EINTR) continue;
        if (wrote < 0) return wrote;
        done += static_cast<size_t>(wrote);
    }
    return 0;
}

int fail(const std::string& file, int64_t error) {
    std::fprintf(stderr, "turnpike: cannot write %s: %s\n", file.c_str(), std::strerror(static_cast<int>(-error)));
    return 1;
}

/// A pipe or a device, which is written to and not replaced.
os::Fd openSpecial(const std::string& file) {
    os::Fd fd(os::open(file, O_WRONLY, 0, os::Class::File), os::Class::File);
    struct stat st {};
    if (!fd || os::fstat(fd.get(), &st, os::Class::File) < 0 || S_ISREG(st.st_mode)) return {};
    return fd;
}

int64_t putWhole(const std::string& text, const std::string& file) {
    const std::string unfinished = file + ".part";
    const int opened = os::open(unfinished, O_WRONLY | O_CREAT | O_TRUNC, 0644, os::Class::File);
    if (opened < 0) return opened;
    os::Fd fd(opened, os::Class::File);
    int64_t done = writeAll(fd.get(), text);
    if (done == 0) done = os::moveFile(unfinished, file);
    if (done < 0) os::removeFile(unfinished);
    return done;
}

int putFile(const std::string& text, const std::string& file) {
    os::Fd special = openSpecial(file);
    int64_t done = special ? writeAll(special.get(), text) : putWhole(text, file);
    return done < 0 ? fail(file, done) : 0;
}

}  // namespace

void addOutputOption(CLI::App& verb, std::string* file) {
    verb.add_option("-o,--output", *file, "The file to write; without it, standard output");
}

int put(const std::string& text, const std::string& file) {
    if (!file.empty()) return putFile(text, file);
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return 0;
    return fail("standard output", -errno);
}

}  // namespace turnpike::cli
