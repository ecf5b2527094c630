#include "measure/calibrate/fingerprint.h"

#if __has_include(<gnu/libc-version.h>)
#include <gnu/libc-version.h>
#endif

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>

#include "measure/calibrate/kernel_config.h"
#include "measure/calibrate/programs.h"
#include "os/file.h"
#include "os/machine.h"

namespace turnpike::measure {
namespace {

constexpr const char* kUnknown = "unknown";

std::string trimmed(std::string text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
    text.erase(0, std::min(text.find_first_not_of(" \t\n"), text.size()));
    return text;
}

std::string contents(const std::string& path) {
    auto text = os::readFile(path);
    return text ? *text : std::string();
}

std::string orUnknown(std::string text) {
    text = trimmed(std::move(text));
    return text.empty() ? kUnknown : text;
}

/// What stands behind the sign in the first line that has `name` before it.
std::string valueOf(const std::string& text, const std::string& name, char sign) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const size_t at = line.find(sign);
        if (at != std::string::npos && trimmed(line.substr(0, at)) == name) return trimmed(line.substr(at + 1));
    }
    return {};
}

std::string kernel(const std::string& root) {
    const std::string folder = root + "/proc/sys/kernel/";
    return orUnknown(trimmed(contents(folder + "ostype")) + " " + trimmed(contents(folder + "osrelease")));
}

std::string processorModel(const std::string& cpuinfo) {
    std::string model = valueOf(cpuinfo, "model name", ':');
    if (model.empty()) model = valueOf(cpuinfo, "Model", ':');  // boards with ARM processors
    return orUnknown(model);
}

std::string processorCount(const std::string& cpuinfo) {
    size_t count = 0;
    for (size_t at = cpuinfo.find("processor\t"); at != std::string::npos;
         at = cpuinfo.find("\nprocessor\t", at + 1))
        ++count;
    return count == 0 ? kUnknown : std::to_string(count);
}

/// Twelve bytes are filled by saying a short name several times: "KVMKVMKVM", "VMwareVMware".
std::string saidOnce(const std::string& signature) {
    for (size_t size = 1; size <= signature.size() / 2; ++size)
        if (signature.size() % size == 0 && signature.substr(size) + signature.substr(0, size) == signature)
            return signature.substr(0, size);
    return signature;
}

/// What the firmware's tables say of machines that are no machines; a processor only knows that it is a guest.
std::string hypervisor(const std::string& root, const std::string& cpuinfo) {
    if (std::string type = trimmed(contents(root + "/sys/hypervisor/type")); !type.empty()) return type;
    const std::string flags = " " + valueOf(cpuinfo, "flags", ':') + " ";
    if (flags.find(" hypervisor ") == std::string::npos) return cpuinfo.empty() ? kUnknown : "none";
    std::string name = root.empty() ? saidOnce(os::hypervisorSignature()) : "";
    const std::string vendor = trimmed(contents(root + "/sys/class/dmi/id/sys_vendor"));
    if (!vendor.empty()) name += (name.empty() ? "" : ", ") + vendor;
    return name.empty() ? "yes, of an unknown kind" : name;
}

/// What crossings pay for the processor's flaws; those that it has not are not named.
std::string mitigations(const std::string& root) {
    const std::string folder = root + "/sys/devices/system/cpu/vulnerabilities/";
    const std::vector<std::string> flaws = namesIn(folder);
    std::string text;
    for (const std::string& flaw : flaws) {
        const std::string state = trimmed(contents(folder + flaw));
        if (state == "Not affected") continue;
        if (!text.empty()) text += "; ";
        text.append(flaw).append(": ").append(state);
    }
    if (flaws.empty()) return kUnknown;
    return text.empty() ? "not affected" : text;
}

std::string accounting(const std::string& root) {
    const std::string release = trimmed(contents(root + "/proc/sys/kernel/osrelease"));
    std::string config = unzipped(contents(root + "/proc/config.gz"));
    if (config.empty()) config = contents(root + "/boot/config-" + release);
    if (config.empty()) config = contents(root + "/lib/modules/" + release + "/config");
    return cpuAccounting(config);
}

std::string memory(const std::string& root) {
    const std::string kib = valueOf(contents(root + "/proc/meminfo"), "MemTotal", ':');
    const unsigned long long size = std::strtoull(kib.c_str(), nullptr, 10);
    return size == 0 ? kUnknown : std::to_string(size / 1024) + " MiB";
}

std::string distribution(const std::string& root) {
    std::string name = valueOf(contents(root + "/etc/os-release"), "PRETTY_NAME", '=');
    std::erase(name, '"');
    return orUnknown(name);
}

/// From `text` on, the first thing that looks like a version: "10.11.4-MariaDB".
std::string versionIn(const std::string& text, const std::string& behind) {
    size_t begin = text.find(behind);
    if (begin == std::string::npos) return kUnknown;
    begin = text.find_first_of("0123456789", begin + behind.size());
    if (begin == std::string::npos) return kUnknown;
    return text.substr(begin, text.find_first_of(" \t\n<", begin) - begin);
}

std::string versionOf(const std::string& program, const std::string& option, const std::string& behind) {
    if (program.empty()) return "not installed";
    auto output = outputOf({program, option});
    return output ? versionIn(*output, behind) : kUnknown;
}

/// The library that PHP's own SQLite is.
std::string sqliteVersion(const std::string& fpm, const std::string& cgi) {
    const std::string version = versionOf(fpm.empty() ? cgi : fpm, "-i", "SQLite Library");
    return version == kUnknown ? "none in PHP" : version;
}

std::string compiler() {
#if defined(__clang__)
    return "clang " + std::string(__clang_version__);
#else
    return "gcc " + std::string(__VERSION__);
#endif
}

std::string libc() {
#if defined(__GLIBC__)
    return "glibc " + std::string(gnu_get_libc_version());
#else
    return kUnknown;
#endif
}

}  // namespace

Fingerprint machineFacts(const std::string& root) {
    const std::string cpuinfo = contents(root + "/proc/cpuinfo");
    const std::string cpu0 = root + "/sys/devices/system/cpu/cpu0/",
                      clock = root + "/sys/devices/system/clocksource/";
    return {{"kernel", kernel(root)},
            {"cpu", processorModel(cpuinfo)},
            {"processors", processorCount(cpuinfo)},
            {"hypervisor", hypervisor(root, cpuinfo)},
            {"mitigations", mitigations(root)},
            {"governor", orUnknown(contents(cpu0 + "cpufreq/scaling_governor"))},
            {"clock_source", orUnknown(contents(clock + "clocksource0/current_clocksource"))},
            {"cpu_accounting", accounting(root)},
            {"memory", memory(root)},
            {"distribution", distribution(root)}};
}

Fingerprint takeFingerprint() {
    Fingerprint facts = machineFacts("");
    const std::string fpm = findProgram("php-fpm"), cgi = findProgram("php-cgi");
    facts.push_back({"php_fpm", versionOf(fpm, "-v", "PHP")});
    facts.push_back({"php_cgi", versionOf(cgi, "-v", "PHP")});
    facts.push_back({"mariadb", versionOf(findProgram("mariadbd"), "--version", "Ver")});
    facts.push_back({"sqlite", sqliteVersion(fpm, cgi)});
    facts.push_back({"turnpike", TURNPIKE_VERSION});
    facts.push_back({"compiler", compiler()});
    facts.push_back({"libc", libc()});
    return facts;
}

}  // namespace turnpike::measure
