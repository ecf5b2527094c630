#include "auth_service.h"

#include <algorithm>

namespace turnpike::access {
namespace {

/// What says of the request what this host says itself, what frames or conditions an answer that nobody reads, and
/// what belongs to the body, which the service does not get.
bool isKept(std::string_view name) {
    constexpr std::string_view kOurs[] = {"host",
                                          "connection",
                                          "expect",
                                          "range",
                                          "te",
                                          "accept-encoding",
                                          "x-original-uri",
                                          "x-original-method",
                                          "x-forwarded-for",
                                          "x-forwarded-proto",
                                          "x-forwarded-host",
                                          "forwarded"};
    return !name.starts_with("content-") && !name.starts_with("if-") &&
           std::ranges::find(kOurs, name) == std::end(kOurs);
}

void add(std::string& message, std::string_view name, std::string_view value) {
    message.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string AuthService::messageFor(const tp_request_view& view) const {
    std::string message = "GET " + settings_.target + " HTTP/1.1\r\n";
    add(message, "Host", settings_.host.empty() ? text(view.host) : settings_.host);
    add(message, "Connection", "close");
    add(message, "X-Original-URI", text(view.target));
    add(message, "X-Original-Method", text(view.method));
    add(message, "X-Forwarded-For", text(view.remote_address));
    add(message, "X-Forwarded-Proto", view.secure != 0 ? "https" : "http");
    add(message, "X-Forwarded-Host", text(view.host));
    for (uint32_t i = 0; i < view.field_count; ++i)
        if (isKept(text(view.fields[i].name))) add(message, text(view.fields[i].name), text(view.fields[i].value));
    return message + "\r\n";
}

tp_verdict AuthService::ask(tp_request* request) {
    if (const auto passed = passed_.find(request); passed != passed_.end()) {
        grant(request, passed->second);
        return forward(request, passed->second) ? TP_DECLINED : TP_FAILED;
    }
    auto question = std::make_unique<AuthQuestion>(
        host_, settings_, worker_, request, [this, request](const AuthReply& reply, const std::string& problem) {
            if (problem.empty()) return decide(request, reply);
            host_.fail(request, 503, str(problem));
        });
    const std::string problem = question->begin(messageFor(*host_.view(request)));
    if (!problem.empty()) {
        host_.fail(request, 503, str(problem));
        return TP_FAILED;
    }
    questions_[request] = std::move(question);
    return TP_PENDING;
}

void AuthService::decide(tp_request* request, const AuthReply& reply) {
    const unsigned status = reply.status();
    if (status == 401 || status == 403) return passOn(request, reply);
    if (status < 200 || status > 299) {
        const std::string cause = settings_.address + " answered " + std::to_string(status) +
                                  ", which is neither 2xx nor 401 nor 403 (auth)";
        return host_.fail(request, 500, str(cause));
    }
    Passed& passed = passed_[request];
    if (!settings_.user_field.empty()) passed.user = reply.field(settings_.user_field);
    for (const auto& [name, value] : reply.fields())
        if (std::ranges::count(settings_.pass_fields, name) != 0) passed.fields.emplace_back(name, value);
    for (const std::string& name : settings_.forward_fields) {
        const bool is_there =
            std::ranges::any_of(reply.fields(), [&](const auto& field) { return field.first == name; });
        passed.forwarded.emplace_back(is_there ? std::optional(std::string(reply.field(name))) : std::nullopt);
    }
    grant(request, passed);
    if (forward(request, passed)) host_.proceed(request);
}

/// False: it has failed, since whoever answers would believe the client's own field.
bool AuthService::forward(tp_request* request, const Passed& passed) {
    for (size_t i = 0; i < passed.forwarded.size(); ++i) {
        const auto& value = passed.forwarded[i];
        const tp_str said = str(value ? std::string_view(*value) : std::string_view());
        const std::string& name = settings_.forward_fields[i];
        if (settings_.requests->set_request_field(request, str(name), value ? &said : nullptr) == 0) continue;
        const std::string cause =
            "the service's field \"" + name + "\" cannot be one of the request (auth_forward)";
        host_.fail(request, 500, str(cause));
        return false;
    }
    return true;
}

void AuthService::grant(tp_request* request, const Passed& passed) {
    if (!passed.user.empty()) host_.set_remote_user(request, str(passed.user));
    for (const auto& [name, value] : passed.fields)
        if (host_.add_field(request, str(name), str(value)) < 0) {
            const std::string cause = "the service's field \"" + name + "\" cannot be sent (auth_pass)";
            host_.log_request(request, TP_LOG_WARN, str(cause));
        }
}

/// A refusal comes with what the client needs to do better.
void AuthService::passOn(tp_request* request, const AuthReply& reply) {
    for (const auto& [name, value] : reply.fields())
        if (name == "www-authenticate" || std::ranges::count(settings_.pass_fields, name) != 0)
            host_.add_field(request, str(name), str(value));
    const std::string cause = "refused by " + settings_.address + " (auth)";
    host_.fail(request, reply.status(), str(cause));
}

}  // namespace turnpike::access
