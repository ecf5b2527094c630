/* The page as a FastCGI responder: a process that stays. */
#include <fcgiapp.h>
#include <string.h>

#include "page.h"

static char page[PAGE_MOST];

static void answer(FCGX_Request* request) {
    const char* query = FCGX_GetParam("QUERY_STRING", request->envp);
    size_t bytes = query == NULL ? 0 : pageBytes(query, strlen(query));
    FCGX_FPrintF(request->out, "Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n", (int)bytes);
    FCGX_PutStr(page, (int)bytes, request->out);
}

int main(void) {
    FCGX_Request request;
    memset(page, 'x', sizeof page);
    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0) return 1;
    while (FCGX_Accept_r(&request) >= 0) {
        answer(&request);
        FCGX_Finish_r(&request);
    }
    return 0;
}
