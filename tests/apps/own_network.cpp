// The applications have a network of their own, with nothing but loopback: Chromium gives up what it has under way
// (ERR_NETWORK_CHANGED) when somebody else's interface comes or goes, a container's for instance. Without root
// they share the machine's.
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace {

class OwnNetwork : public ::testing::Environment {
 public:
    void SetUp() override {
        if (::unshare(CLONE_NEWNET) != 0) return;
        const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        ifreq loopback{};
        std::strcpy(loopback.ifr_name, "lo");
        loopback.ifr_flags = IFF_UP;
        EXPECT_EQ(::ioctl(fd, SIOCSIFFLAGS, &loopback), 0) << std::strerror(errno);
        ::close(fd);
    }
};

[[maybe_unused]] const auto* const network = ::testing::AddGlobalTestEnvironment(new OwnNetwork);

}  // namespace
