#include "measure/calibrate/fingerprint.h"

#include <Poco/DeflatingStream.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "measure/calibrate/kernel_config.h"
#include "support/temp_folder.h"

namespace turnpike::measure {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string zipped(const std::string& text) {
    std::ostringstream to;
    Poco::DeflatingOutputStream deflating(to, Poco::DeflatingStreamBuf::STREAM_GZIP);
    deflating << text;
    deflating.close();
    return to.str();
}

class Machine : public testing::Test {
 protected:
    std::map<std::string, std::string> facts() const {
        std::map<std::string, std::string> to;
        for (const Fact& fact : machineFacts(folder.path())) to[fact.name] = fact.value;
        return to;
    }
    TempFolder folder;
};

TEST_F(Machine, IsWhatItsFilesSay) {
    folder.write("proc/sys/kernel/ostype", "Linux\n");
    folder.write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    folder.write("proc/cpuinfo",
                 "processor\t: 0\nmodel name\t: Some CPU @ 2.00GHz\nflags\t\t: fpu hypervisor sse\n\n"
                 "processor\t: 1\nmodel name\t: Some CPU @ 2.00GHz\nflags\t\t: fpu hypervisor sse\n\n");
    folder.write("sys/class/dmi/id/sys_vendor", "QEMU\n");
    const std::string flaws = "sys/devices/system/cpu/vulnerabilities/";
    folder.write(flaws + "meltdown", "Mitigation: PTI\n");
    folder.write(flaws + "l1tf", "Not affected\n");
    folder.write(flaws + "spectre_v2", "Mitigation: Retpolines; IBPB: conditional\n");
    folder.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    folder.write("sys/devices/system/clocksource/clocksource0/current_clocksource", "kvm-clock\n");
    folder.write("proc/config.gz",
                 zipped("# CONFIG_VIRT_CPU_ACCOUNTING_GEN is not set\nCONFIG_TICK_CPU_ACCOUNTING=y\n"));
    folder.write("proc/meminfo", "MemTotal:        4030000 kB\nMemFree:          100 kB\n");
    folder.write("etc/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
    auto found = facts();
    EXPECT_EQ(found["kernel"], "Linux 6.1.0-18-amd64");
    EXPECT_EQ(found["cpu"], "Some CPU @ 2.00GHz");
    EXPECT_EQ(found["processors"], "2");
    EXPECT_EQ(found["hypervisor"], "QEMU");
    EXPECT_EQ(found["mitigations"],
              "meltdown: Mitigation: PTI; spectre_v2: Mitigation: Retpolines; IBPB: conditional");
    EXPECT_EQ(found["governor"], "powersave");
    EXPECT_EQ(found["clock_source"], "kvm-clock");
    EXPECT_EQ(found["cpu_accounting"], "ticks");
    EXPECT_EQ(found["memory"], "3935 MiB");
    EXPECT_EQ(found["distribution"], "Debian GNU/Linux 12 (bookworm)");
}

TEST_F(Machine, IsUnknownWhereItSaysNothing) {
    for (const auto& [name, value] : facts()) EXPECT_EQ(value, "unknown") << name;
    EXPECT_EQ(facts().size(), 10u);
}

TEST_F(Machine, MayBeBareMetalOrXenOrAnArmBoard) {
    folder.write("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse\nModel\t\t: A Board Rev 1.2\n");
    EXPECT_EQ(facts()["hypervisor"], "none");
    EXPECT_EQ(facts()["cpu"], "A Board Rev 1.2");
    EXPECT_EQ(facts()["processors"], "1");
    folder.write("sys/hypervisor/type", "xen\n");
    EXPECT_EQ(facts()["hypervisor"], "xen");
    folder.write("sys/devices/system/cpu/vulnerabilities/l1tf", "Not affected\n");
    EXPECT_EQ(facts()["mitigations"], "not affected");
}

TEST_F(Machine, MayKeepTheKernelsConfigurationInOtherPlaces) {
    folder.write("proc/sys/kernel/osrelease", "6.1\n");
    folder.write("lib/modules/6.1/config", "CONFIG_VIRT_CPU_ACCOUNTING_GEN=y\n");
    EXPECT_THAT(facts()["cpu_accounting"], HasSubstr("exact on processors without ticks"));
    folder.write("boot/config-6.1", "CONFIG_IRQ_TIME_ACCOUNTING=y\nCONFIG_TICK_CPU_ACCOUNTING=y\n");
    EXPECT_EQ(facts()["cpu_accounting"], "ticks, interrupts apart");
    folder.write("proc/config.gz", "this is no gzip");
    EXPECT_EQ(facts()["cpu_accounting"], "ticks, interrupts apart");
}

TEST(KernelConfig, SaysHowCpuTimeIsAccounted) {
    EXPECT_EQ(cpuAccounting(""), "unknown");
    EXPECT_EQ(cpuAccounting("CONFIG_VIRT_CPU_ACCOUNTING_NATIVE=y\n"), "exact");
    EXPECT_EQ(cpuAccounting("CONFIG_TICK_CPU_ACCOUNTING=m\n"), "unknown");
    EXPECT_EQ(unzipped(zipped("text\n")), "text\n");
    EXPECT_EQ(unzipped(""), "");
    EXPECT_EQ(unzipped("plain"), "");
}

TEST(Fingerprint, NamesTheMachineAndTheSoftware) {
    std::vector<std::string> names;
    for (const Fact& fact : takeFingerprint()) {
        names.push_back(fact.name);
        EXPECT_FALSE(fact.value.empty()) << fact.name;
    }
    EXPECT_THAT(names, ElementsAre("kernel", "cpu", "processors", "hypervisor", "mitigations", "governor",
                                   "clock_source", "cpu_accounting", "memory", "distribution", "php_fpm",
                                   "php_cgi", "mariadb", "sqlite", "turnpike", "compiler", "libc"));
}

}  // namespace
}  // namespace turnpike::measure
