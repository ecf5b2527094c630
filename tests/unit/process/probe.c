/* probe.c - a program that tells what it was started with, one "key value" a line. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void printDescriptors(void) {
    DIR* folder = opendir("/proc/self/fd");
    printf("fds");
    for (struct dirent* e = readdir(folder); e != NULL; e = readdir(folder))
        if (e->d_name[0] != '.' && atoi(e->d_name) != dirfd(folder)) printf(" %s", e->d_name);
    printf("\n");
    closedir(folder);
}

static void printLimit(const char* name, int resource) {
    struct rlimit limit;
    getrlimit(resource, &limit);
    printf("%s %llu %llu\n", name, (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
}

static void printSignals(void) {
    sigset_t blocked;
    int count = 0, ignored = 0;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int s = 1; s < 32; ++s) {
        struct sigaction action;
        count += sigismember(&blocked, s) == 1;
        if (sigaction(s, NULL, &action) == 0) ignored += action.sa_handler == SIG_IGN;
    }
    printf("blocked %d\nignored %d\n", count, ignored);
}

int main(int argc, char** argv, char** env) {
    char folder[4096];
    printDescriptors();
    for (int i = 1; i < argc; ++i) printf("arg %s\n", argv[i]);
    for (; *env != NULL; ++env) printf("env %s\n", *env);
    printf("cwd %s\n", getcwd(folder, sizeof folder));
    printf("leader %d\n", getpgrp() == getpid() && getsid(0) != getpid());
    mode_t mask = umask(0);
    printf("umask %o\n", (unsigned)mask);
    printf("uid %u\ngid %u\ngroups %d\n", getuid(), getgid(), getgroups(0, NULL));
    printf("no_new_privs %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    printLimit("core", RLIMIT_CORE);
    printLimit("cpu", RLIMIT_CPU);
    printLimit("memory", RLIMIT_AS);
    printLimit("files", RLIMIT_NOFILE);
    printSignals();
    return 3;
}
