# Reads the names of system calls, one a line, then lines "UNIT SYMBOL": what a compiled part of the core or a plugin
# takes from outside itself. Reports functions that cross into the kernel without being a wrapper of core/os. Sources
# can hide a call behind a macro or an inline function; the linker cannot.
BEGIN {
    # libc and libstdc++ under names of their own.
    count = split("fopen fopen64 freopen fdopen popen system opendir readdir tmpfile mkstemp mkdtemp remove recv send " \
        "accept waitpid wait execl execlp execv execvp posix_spawn posix_spawnp getentropy usleep sleep getaddrinfo " \
        "gethostbyname getpwnam getpwuid getgrnam getifaddrs sysconf realpath glob ftw nftw raise syscall signalfd " \
        "eventfd inotify_init isatty dlopen dlclose lockf daemon getcwd get_current_dir_name sigprocmask sigaction signal", more, " ")
    for (i = 1; i <= count; ++i) call[more[i]] = 1
    # Not a crossing: the kernel's page in our memory answers. exit() is where main() ends.
    count = split("clock_gettime gettimeofday time getcpu exit", none, " ")
    for (i = 1; i <= count; ++i) never[none[i]] = 1

    # Who may, and why.
    may["measure nanosleep"] = "the load generator waits; it serves nobody"
    may["cli nanosleep"] = "verbs that wait for a server"
    may["cli filebuf"] = may["cli filesystem"] = "CLI11, compiled into the verbs"
    may["plugin dlopen"] = may["plugin dlclose"] = "the loader, the only one who loads code"
    may["static filebuf"] = "/etc/mime.types, once when it is configured"
    may["access filebuf"] = may["access filesystem"] = "the file of users, once when it is configured"
    may["rewrite filebuf"] = "the file of a map, once when it is configured"
    may["rewrite filesystem"] = "turnpike check --deep, which serves nobody"
    may["fastcgi filesystem"] = "which php-fpm is installed, once when it is configured"
}
function complain(what) {
    if ((unit " " what) in may) return
    printf "%s takes %s: only core/os calls the kernel, plugins go through the host's tables\n", unit, what
    bad = 1
}
NF == 1 {
    call[$1] = 1
    next
}
{
    unit = $1
    symbol = $2
    sub(/@.*/, "", symbol)
    if (symbol ~ /^^_ZNK?St13basic_filebuf|^_ZNK?St14basic_(i|o)fstream/) complain("filebuf")
    else if (symbol ~ /^_ZNK?St10filesystem/ && symbol !~ /^_ZNK?St10filesystem7__cxx11(4path|16filesystem_error)/)
        complain("filesystem")
    else if (symbol ~ /^_ZNSt13random_device/) complain("random_device")
    else if (symbol ~ /^_ZNSt6thread20hardware_concurrency/) complain("hardware_concurrency")
    else if (symbol ~ /^_ZNK?4Poco(3Net|4File|7Process|10FileStream|9Directory|6Thread5sleep)/) complain(symbol)
    else if (symbol ~ /^_Z/) next
    plain = symbol
    sub(/^__/, "", plain)
    sub(/(64)?(_chk|_2|_nocancel)?$/, "", plain)
    if (!(plain in never) && ((symbol in call) || (plain in call))) complain(plain)
}
END { exit bad }
