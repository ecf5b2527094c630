// answer.h - the head of one answer while it is being changed: inside on_response() only.
#pragma once
#include <string_view>

#include "field_rules.h"
#include "sdk/plugin.hpp"

namespace turnpike::headers {

class Answer {
 public:
    Answer(const tp_host& host, tp_request* request) : host_(host), request_(request) {}

    void remove(std::string_view name) noexcept;
    void set(const Field& field) noexcept;
    void setDefault(const Field& field) noexcept;
    void merge(const Field& field);
    void add(const Field& field) noexcept;

    /// False once a change failed: the request's memory is used up.
    bool isWhole() const { return is_whole_; }

 private:
    bool has(std::string_view name) const noexcept;
    void check(int32_t result) noexcept { is_whole_ = is_whole_ && result == 0; }

    const tp_host& host_;
    tp_request* request_;
    bool is_whole_ = true;
};

}  // namespace turnpike::headers
