#include "verification.h"

#include <cstring>
#include <utility>

#include "password.h"

namespace turnpike::access {

Verification::Verification(Credentials given, std::string hash, bool known, void* of)
    : credentials(std::move(given)), is_known(known), owner(of), hash_(std::move(hash)) {}

Verification::~Verification() { explicit_bzero(credentials.pair.data(), credentials.pair.size()); }

bool Verification::begin(const tp_host& host, tp_worker* worker, tp_request* request,
                         std::unique_ptr<Verification> job, void (*answered)(tp_request*, void*)) {
    job->host_ = &host;
    job->answered_ = answered;
    job->ticket_ = host.defer(request);
    if (host.offload(worker, work, job.get()) == 0) {
        (void)job.release();
        return true;
    }
    host.resume(
        job->ticket_, [](tp_request*, void*) {}, nullptr);  // a ticket is resumed in any case
    return false;
}

// [pool]
void Verification::work(void* arg) {
    auto* job = static_cast<Verification*>(arg);
    job->is_right_ = isPasswordOf(job->credentials.password(), job->hash_);
    job->host_->resume(job->ticket_, job->answered_, job);
}

}  // namespace turnpike::access
