/* Goes past a limit of the kernel's: of processor time, or of the size of a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    const char* query = getenv("QUERY_STRING");
    FILE* file = query != NULL && strcmp(query, "file") == 0 ? tmpfile() : NULL;
    for (volatile unsigned long turns = 0;; ++turns)
        if (file != NULL) fputs("more than it may", file);
}
