// passage.h - the way of a long body from a backend's descriptor to the client without coming into memory, where
// the host can. Of one answer; loop thread.
#pragma once
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "sdk/services.h"

namespace turnpike::gateway {

class Passage {
 public:
    /// Parts of 64 KiB are cheaper to splice than to read and send, parts of 32 are not (`./run bench splice`). Of
    /// a buffer of 64 the head may have taken some.
    static constexpr uint64_t kLeast = uint64_t{48} * 1024;

    /// For another answer.
    void begin() { is_wide_ = false; }
    /// So many bytes of the body were there at once: more of the kind is expected.
    void note(uint64_t bytes) { is_wide_ = bytes >= kLeast; }
    /// Worth a try, where so many bytes may go by without being looked at.
    bool takes(uint64_t bytes) const { return is_wide_ && bytes >= kLeast; }
    /// As tp_response_service.splice(), but -ENOTSUP in place of 0: reading tells an end from what only looks like
    /// it.
    int64_t move(const tp_host& host, tp_request* request, int fd, uint64_t most, int32_t* sent) {
        constexpr size_t kWithIt = offsetof(tp_response_service, splice) + sizeof(void*);
        const auto* service = static_cast<const tp_response_service*>(host.extension(TP_RESPONSE_ID));
        const bool has_it = service != nullptr && service->struct_size >= kWithIt;
        const int64_t moved = has_it ? service->splice(request, fd, most, sent) : -ENOTSUP;
        if (moved != -EAGAIN) note(moved > 0 ? static_cast<uint64_t>(moved) : 0);
        return moved != 0 ? moved : -ENOTSUP;
    }

 private:
    bool is_wide_ = false;
};

}  // namespace turnpike::gateway
