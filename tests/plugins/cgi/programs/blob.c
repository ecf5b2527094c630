/* QUERY_STRING bytes of output by one write(), as fast as the pipe takes them: the n-th is n modulo 251. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
    const char* query = getenv("QUERY_STRING");
    const size_t size = query != NULL ? (size_t)atol(query) : 0;
    char* all = malloc(size + 128);
    if (all == NULL) return 1;
    const int head = sprintf(all, "Content-Type: application/octet-stream\n%s%s\n\n",
                             getenv("HTTP_LENGTH") != NULL ? "Content-Length: " : "X-Length: ",
                             getenv("HTTP_LENGTH") != NULL ? getenv("HTTP_LENGTH") : "none");
    for (size_t i = 0; i < size; ++i) all[(size_t)head + i] = (char)(i % 251);
    size_t left = size + (size_t)head;
    for (const char* at = all; left > 0;) {
        const ssize_t done = write(1, at, left);
        if (done < 0) return 1;
        at += done;
        left -= (size_t)done;
    }
    return 0;
}
