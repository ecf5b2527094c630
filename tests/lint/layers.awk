# Reads C and C++ sources and reports what crosses a layer: an include of a layer above one's own, a plugin that
# includes the core, a system call outside os/. Paths are relative to the checkout.
BEGIN {
    count = split("sdk base ledger os config net http plugin server process measure cli", layers, " ")
    for (i = 1; i <= count; ++i) rank[layers[i]] = i
    # Headers that only the kernel's callers need. Types and constants come by sys/socket.h, sys/uio.h, sys/stat.h.
    kernel = "^(sys/(epoll|eventfd|signalfd|timerfd|sendfile|mman|wait|resource|prctl|syscall|un|ioctl|mount)|" \
        "sched|poll|dirent|linux/.*|sys/socket)\\.h$"
    calls = "[^A-Za-z0-9_:>.\"]::(open|openat|close|read|write|pread|pwrite|readv|writev|recv|recvmsg|recvfrom|send|" \
        "sendmsg|sendto|socket|bind|listen|accept|accept4|connect|pipe|pipe2|fork|vfork|clone|execve|kill|" \
        "waitpid|wait4|mmap|munmap|epoll_[a-z0-9_]+|eventfd|sendfile|fstat|stat|lstat|unlink|mkdir|dup|dup2|" \
        "dup3|fcntl|ioctl|syscall|prctl|setuid|setgid|setresuid|setresgid|setgroups|poll|shutdown|setsockopt|" \
        "getsockopt|getsockname|getpeername|socketpair|ftruncate|rename|chown|chmod|fchown|fchmod)\\("
}
function complain(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text
    bad = 1
}
FNR == 1 {
    split(FILENAME, part, "/")
    where = part[1]
    own = part[2]
    # A program that a plugin has run for it is no part of the server, and calls the kernel as it likes.
    is_program = where == "plugins" && part[3] == "interpreter"
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\"")
    path = quoted[2]
    split(path, target, "/")
    if (where == "core") {
        if (!(own in rank)) complain("core/" own " is not in the list of layers")
        else if ((target[1] in rank) && index(path, "/") && rank[target[1]] > rank[own])
            complain("core/" own " includes " path ", of a higher layer")
        else if (own == "sdk" && (target[1] in rank) && target[1] != "sdk" && index(path, "/"))
            complain("the SDK includes " path ": it may know nobody")
        else if (own == "base" && (target[1] in rank) && target[1] != "base" && index(path, "/"))
            complain("base includes " path ": it may know nobody")
    } else if (where == "plugins" && (target[1] in rank) && target[1] != "sdk" && index(path, "/") \
               && system("test -e plugins/" own "/" path) != 0) {
        complain("a plugin includes " path ": only sdk/ and its own folder are allowed")
    }
}
where == "plugins" && !is_program && /^[ \t]*#[ \t]*include[ \t]*</ {
    path = $0
    sub(/^[^<]*</, "", path)
    sub(/>.*/, "", path)
    if (path ~ kernel) complain("a plugin includes <" path ">: it crosses through tp_io and tp_process")
}
((where == "core" && own != "os" && own != "sdk") || (where == "plugins" && !is_program)) && $0 !~ /^[ \t]*\/\// && $0 ~ calls {
    complain("a system call outside core/os: " $0)
}
END { exit bad }
