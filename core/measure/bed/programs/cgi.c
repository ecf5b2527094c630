/* The page as a CGI program: a process for each request. */
#include <stdio.h>
#include <stdlib.h>

#include "page.h"

int main(void) {
    const char* query = getenv("QUERY_STRING");
    size_t bytes = query == NULL ? 0 : pageBytes(query, strlen(query));
    printf("Content-Type: text/plain\r\nContent-Length: %zu\r\n\r\n", bytes);
    for (size_t i = 0; i < bytes; ++i) putchar('x');
    return 0;
}
