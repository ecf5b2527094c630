// A PROXY header is never taken before it is whole, and never changes once it is; its addresses print.
#include <cstring>
#include <memory>

#include "fuzz.h"
#include "net/proxy_header.h"

namespace {

using turnpike::net::ProxyHeader;
using turnpike::net::ProxyParse;
using turnpike::net::ProxyResult;

ProxyResult parse(const uint8_t* data, size_t size, ProxyHeader& header) {
    const auto memory = std::make_unique<char[]>(size);
    if (size > 0) std::memcpy(memory.get(), data, size);
    return turnpike::net::parseProxyHeader({memory.get(), size}, header);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    ProxyHeader header;
    const ProxyResult whole = parse(data, size, header);
    FUZZ_EXPECT(whole.state != ProxyParse::Complete || (whole.size > 0 && whole.size <= size));
    FUZZ_EXPECT(whole.size <= turnpike::net::kMostProxyHeader);
    FUZZ_EXPECT((whole.state == ProxyParse::Bad) == (*whole.reason != '\0'));
    if (whole.state == ProxyParse::Complete && !header.is_local)
        FUZZ_EXPECT(!header.source.host().empty() && !header.destination.text().empty());
    // A prefix says the same, or that more is needed.
    const size_t most = size < 300 ? size : 300;
    for (size_t cut = 0; cut < most; ++cut) {
        ProxyHeader early;
        const ProxyResult result = parse(data, cut, early);
        if (result.state == ProxyParse::More) continue;
        FUZZ_EXPECT(result.state == whole.state && result.size == whole.size);
        FUZZ_EXPECT(std::strcmp(result.reason, whole.reason) == 0);
    }
    return 0;
}
