/* A FastCGI responder in C: started once, answers for ever. */
#include <fcgi_stdio.h>

int main(void) {
    while (FCGI_Accept() >= 0)
        printf("Content-Type: text/plain\r\n\r\nHello from a program that stays and was asked over a socket.\n");
    return 0;
}
