#include "measure/calibrate/kernel_config.h"

#include <Poco/Exception.h>
#include <Poco/InflatingStream.h>
#include <Poco/StreamCopier.h>

#include <sstream>

namespace turnpike::measure {
namespace {

bool isSet(const std::string& config, const std::string& option) {
    return ("\n" + config).find("\n" + option + "=y") != std::string::npos;
}

}  // namespace

std::string cpuAccounting(const std::string& config) {
    std::string how = "unknown";
    if (isSet(config, "CONFIG_TICK_CPU_ACCOUNTING")) how = "ticks";
    if (isSet(config, "CONFIG_VIRT_CPU_ACCOUNTING_GEN"))
        how = "exact on processors without ticks, ticks elsewhere";
    if (isSet(config, "CONFIG_VIRT_CPU_ACCOUNTING_NATIVE")) how = "exact";
    if (how != "unknown" && isSet(config, "CONFIG_IRQ_TIME_ACCOUNTING")) how += ", interrupts apart";
    return how;
}

std::string unzipped(const std::string& gzip) {
    std::istringstream from(gzip);
    std::string text;
    try {
        Poco::InflatingInputStream inflating(from, Poco::InflatingStreamBuf::STREAM_GZIP);
        Poco::StreamCopier::copyToString(inflating, text);
    } catch (const Poco::Exception&) {
        return {};
    }
    return text;
}

}  // namespace turnpike::measure
