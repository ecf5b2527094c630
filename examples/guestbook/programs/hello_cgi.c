/* A CGI program in C: one process per request, answer on standard output. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    const char* method = getenv("REQUEST_METHOD");
    if (method == NULL) {
        fputs("hello: I am a CGI program, started by a web server\n", stderr);
        return 1;
    }
    fputs("Content-Type: text/plain\n\nHello from a process that was started for you and ends now.\n", stdout);
    return 0;
}
