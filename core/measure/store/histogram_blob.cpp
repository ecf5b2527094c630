#include "measure/store/histogram_blob.h"

#include <Poco/Checksum.h>

#include "base/histogram_code.h"

namespace turnpike::measure {
namespace {

constexpr size_t kCheckBytes = 4;

std::string checksum(std::string_view bytes) {
    Poco::Checksum crc(Poco::Checksum::TYPE_CRC32);
    crc.update(bytes.data(), static_cast<unsigned>(bytes.size()));
    std::string text;
    for (size_t i = 0; i < kCheckBytes; ++i) text += static_cast<char>(crc.checksum() >> (8 * i));
    return text;
}

}  // namespace

std::string toBlob(const Histogram& histogram) {
    std::string bytes = encode(histogram);
    return bytes + checksum(bytes);
}

Result<Histogram> fromBlob(std::string_view blob) {
    if (blob.size() < kCheckBytes) return Error{EBADMSG, "not a histogram: it is cut short"};
    const std::string_view bytes = blob.substr(0, blob.size() - kCheckBytes);
    if (blob.substr(bytes.size()) != checksum(bytes))
        return Error{EBADMSG, "not a histogram: its checksum is wrong"};
    return decodeHistogram(bytes);
}

}  // namespace turnpike::measure
