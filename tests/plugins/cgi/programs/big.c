/* QUERY_STRING bytes of output: the n-th is n modulo 251. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    const char* query = getenv("QUERY_STRING");
    long size = query != NULL ? atol(query) : 0;
    fputs("Content-Type: application/octet-stream\n\n", stdout);
    for (long i = 0; i < size; ++i) putchar((int)(i % 251));
    return 0;
}
