/* Writes half of what it should, or nothing at all (QUERY_STRING "early"), and crashes. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    const char* query = getenv("QUERY_STRING");
    if (query == NULL || strcmp(query, "early") != 0) {
        fputs("Content-Type: text/plain\n\nhalf of the ans", stdout);
        fflush(stdout);
    }
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
    return 0;
}
