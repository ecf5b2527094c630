/* Writes what its query string says, byte for byte after percent-decoding: any answer that a test can think of. */
#include <fcgi_stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    while (FCGI_Accept() >= 0) {
        const char* query = getenv("QUERY_STRING");
        for (const char* at = query != NULL ? query : ""; *at != '\0'; ++at) {
            int byte = (unsigned char)*at;
            if (byte == '%' && strlen(at) > 2) {
                char digits[3] = {at[1], at[2], '\0'};
                byte = (int)strtol(digits, NULL, 16);
                at += 2;
            }
            fputc(byte, stdout);
        }
    }
    return 0;
}
