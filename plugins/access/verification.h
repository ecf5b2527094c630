// verification.h - a password that is verified on the blocking pool while its request is held.
#pragma once
#include <memory>
#include <string>

#include "credentials.h"
#include "sdk/plugin.hpp"

namespace turnpike::access {

class Verification {
 public:
    /// `owner`: whatever answered() needs; valid as long as the request is.
    Verification(Credentials given, std::string hash, bool known, void* of);
    ~Verification();
    Verification(const Verification&) = delete;
    Verification& operator=(const Verification&) = delete;

    /// [loop] Later answered(request, job) is called on the loop and owns the job. False: the pool has no place.
    static bool begin(const tp_host& host, tp_worker* worker, tp_request* request,
                      std::unique_ptr<Verification> job, void (*answered)(tp_request*, void*));

    bool isGranted() const { return is_right_ && is_known; }

    Credentials credentials;
    const bool is_known;
    void* const owner;

 private:
    static void work(void* arg);

    const std::string hash_;
    const tp_host* host_ = nullptr;
    tp_ticket* ticket_ = nullptr;
    void (*answered_)(tp_request*, void*) = nullptr;
    bool is_right_ = false;
};

}  // namespace turnpike::access
