/* Starts COUNT processes of a FastCGI program on one unix socket, as spawn-fcgi does, and ends them when it is
 * ended. usage: bench_fcgi_pool SOCKET COUNT PROGRAM */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
    if (argc != 4 || strlen(argv[1]) >= sizeof(((struct sockaddr_un*)0)->sun_path)) return 2;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, argv[1], strlen(argv[1]) + 1);
    unlink(argv[1]);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr*)&address, sizeof address) != 0 || listen(fd, 511) != 0) {
        perror(argv[1]);
        return 1;
    }
    chmod(argv[1], 0666);
    for (int i = atoi(argv[2]); i > 0; --i) {
        if (fork() != 0) continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(fd, 0);
        execl(argv[3], argv[3], (char*)NULL);
        _exit(127);
    }
    while (wait(NULL) > 0) continue;
    return 0;
}
