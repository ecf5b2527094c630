/* Forks children that sleep until fork() is refused or there are 20, and waits with them; says how many. */
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int count = 0;
    for (; count < 20; ++count) {
        pid_t child = fork();
        if (child < 0) break;
        if (child == 0) {
            sleep(30);
            return 0;
        }
    }
    printf("Content-Type: text/plain\n\n%d in group %ld\n", count, (long)getpgrp());
    fflush(stdout);
    sleep(30);
    return 0;
}
