/* 20 MB of errors, then an answer. */
#include <stdio.h>

int main(void) {
    static char buffer[65536];
    setvbuf(stderr, buffer, _IOFBF, sizeof buffer);
    for (int i = 0; i < 200000; ++i)
        fprintf(stderr,
                "line %06d of a program that complains without an end, and then goes on complaining more\n", i);
    fflush(stderr);
    fputs("Content-Type: text/plain\n\nflooded\n", stdout);
    return 0;
}
