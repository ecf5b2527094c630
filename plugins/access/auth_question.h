// auth_question.h - one request's question to the service, on a connection of its own, while the request is held.
// Loop thread.
#pragma once
#include <functional>
#include <string>

#include "auth_reply.h"
#include "auth_settings.h"

namespace turnpike::access {

class AuthQuestion {
 public:
    /// Empty `problem`: `reply` is whole. May destroy the question.
    using Answered = std::function<void(const AuthReply& reply, const std::string& problem)>;

    AuthQuestion(const tp_host& host, const AuthSettings& settings, tp_worker* worker, tp_request* request,
                 Answered answered);
    ~AuthQuestion();
    AuthQuestion(const AuthQuestion&) = delete;
    AuthQuestion& operator=(const AuthQuestion&) = delete;

    /// What is wrong when the service cannot be asked at all, or empty: then `answered` is called later, once.
    std::string begin(std::string message);

 private:
    void onReady();
    std::string write();
    std::string read(bool* is_whole);
    void end(const std::string& problem);
    std::string failed(const char* what, int64_t error) const;

    const tp_host& host_;
    const AuthSettings& settings_;
    tp_worker* worker_;
    tp_request* request_;
    Answered answered_;
    std::string message_;
    size_t written_ = 0;
    AuthReply reply_;
    int fd_ = -1;
    bool is_connected_ = false;
    tp_watch* watch_ = nullptr;
    tp_timer* timer_ = nullptr;
};

}  // namespace turnpike::access
