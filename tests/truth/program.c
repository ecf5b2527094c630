/* Says how long the body is that it was sent. The same program as CGI and, with a socket as descriptor 0, as
 * FastCGI. */
#include <fcgi_stdio.h>
#include <stdlib.h>

int main(void) {
    static char block[16384];
    while (FCGI_Accept() >= 0) {
        size_t size = 0;
        for (size_t got; (got = fread(block, 1, sizeof block, stdin)) > 0;) size += got;
        printf("Content-Type: text/plain\r\n\r\n%lu bytes\n", (unsigned long)size);
    }
    return 0;
}
