// auth_service.h - requests that a service has to let pass, in one worker. Loop thread.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "auth_question.h"

namespace turnpike::access {

class AuthService {
 public:
    AuthService(const tp_host& host, const AuthSettings& settings, tp_worker* worker)
        : host_(host), settings_(settings), worker_(worker) {}

    /// Holds the request until the service has answered. DECLINED: it has let this very request pass before, which
    /// goes to another path now; the service was asked about what the client asked for, and that is the same.
    tp_verdict ask(tp_request* request);
    /// on_done(): the request is not held any more.
    void release(tp_request* request) { questions_.erase(request); }
    /// The request has ended.
    void forget(tp_request* request) { passed_.erase(request); }

 private:
    struct Passed {
        std::string user;
        std::vector<std::pair<std::string, std::string>> fields;
        std::vector<std::optional<std::string>>
            forwarded;  // in the order of the settings; nothing: not in the answer
    };

    std::string messageFor(const tp_request_view& view) const;
    void decide(tp_request* request, const AuthReply& reply);
    void grant(tp_request* request, const Passed& passed);
    bool forward(tp_request* request, const Passed& passed);
    void passOn(tp_request* request, const AuthReply& reply);

    const tp_host& host_;
    const AuthSettings& settings_;
    tp_worker* worker_;
    std::unordered_map<tp_request*, std::unique_ptr<AuthQuestion>> questions_;
    std::unordered_map<tp_request*, Passed> passed_;
};

}  // namespace turnpike::access
