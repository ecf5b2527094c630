/* A FastCGI responder that reads a request's body to its end and keeps nothing of it; 200 when all of it came. */
#include <fcgiapp.h>
#include <stdlib.h>

int main(void) {
    static char buffer[65536];
    FCGX_Request request;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0) return 1;
    while (FCGX_Accept_r(&request) >= 0) {
        const char* length = FCGX_GetParam("CONTENT_LENGTH", request.envp);
        long long due = length == NULL ? 0 : atoll(length), got = 0;
        for (int size; (size = FCGX_GetStr(buffer, sizeof buffer, request.in)) > 0;) got += size;
        FCGX_FPrintF(request.out, "Status: %s\r\nContent-Type: text/plain\r\n\r\nTaken: %s\n",
                     got == due ? "200 OK" : "500 Cut", length == NULL ? "0" : length);
        FCGX_Finish_r(&request);
    }
    return 0;
}
