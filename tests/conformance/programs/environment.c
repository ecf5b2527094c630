/* Its environment, sorted, and how long its body was: as CGI and, with a socket as descriptor 0, as FastCGI. */
#include <fcgi_stdio.h>
#include <stdlib.h>
#include <string.h>

extern char** environ;

static int compare(const void* a, const void* b) { return strcmp(*(char* const*)a, *(char* const*)b); }

int main(void) {
    while (FCGI_Accept() >= 0) {
        unsigned long size = 0;
        while (fgetc(stdin) != EOF) ++size;
        size_t count = 0;
        while (environ[count] != NULL) ++count;
        char** sorted = malloc((count + 1) * sizeof *sorted);
        memcpy(sorted, environ, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, compare);
        fputs("Content-Type: text/plain\r\n\r\n", stdout);
        printf("BODY=%lu\n", size);
        for (size_t i = 0; i < count; ++i) printf("%s\n", sorted[i]);
        free(sorted);
    }
    return 0;
}
