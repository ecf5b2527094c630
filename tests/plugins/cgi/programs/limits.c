/* The limits that it runs under. */
#include <stdio.h>
#include <sys/resource.h>

static void say(const char* name, __rlimit_resource_t which) {
    struct rlimit limit;
    getrlimit(which, &limit);
    if (limit.rlim_cur == RLIM_INFINITY)
        printf("%s none\n", name);
    else
        printf("%s %llu\n", name, (unsigned long long)limit.rlim_cur);
}

int main(void) {
    fputs("Content-Type: text/plain\n\n", stdout);
    say("cpu", RLIMIT_CPU);
    say("memory", RLIMIT_AS);
    say("file", RLIMIT_FSIZE);
    say("open_files", RLIMIT_NOFILE);
    say("processes", RLIMIT_NPROC);
    return 0;
}
