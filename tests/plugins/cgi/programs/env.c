/* Its whole environment, one variable per line. */
#include <stdio.h>

extern char** environ;

int main(void) {
    fputs("Content-Type: text/plain\n\n", stdout);
    for (char** entry = environ; *entry != NULL; ++entry) puts(*entry);
    return 0;
}
