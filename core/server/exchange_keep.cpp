// What plugins leave with a request: memory of their own, variables for programs, pages for its errors, other
// fields.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "http/request_fields.h"
#include "http/response_head.h"
#include "server/exchange.h"

namespace turnpike::server {
namespace {

constexpr size_t kMostVariables = 64, kMostErrorPages = 32;

std::string_view text(tp_str s) { return {s.ptr, s.len}; }
constexpr tp_str str(std::string_view s) { return {s.data(), s.size()}; }

bool isVariable(std::string_view name) {
    auto isFine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && std::ranges::all_of(name, isFine);
}

}  // namespace

void* Exchange::state(const void* key, size_t size, void (*release)(void*)) {
    for (const State& state : states_)
        if (state.key == key) return state.memory;
    void* memory = arena_.allocate(size);
    if (memory == nullptr) return nullptr;
    std::memset(memory, 0, size);
    states_.push_back({key, memory, release});
    return memory;
}

int32_t Exchange::setVariable(std::string_view name, std::string_view value) {
    if (!isVariable(name) || value.find('\0') != std::string_view::npos) return -EINVAL;
    auto found = std::ranges::find(variables_, name, [](const tp_field& variable) { return text(variable.name); });
    if (found == variables_.end() && variables_.size() >= kMostVariables) return -ENOMEM;
    const std::string_view kept_name = arena_.copy(name), kept_value = arena_.copy(value);
    if (kept_name.empty() || kept_value.size() != value.size()) return -ENOMEM;
    if (found != variables_.end())
        found->value = str(kept_value);
    else
        variables_.push_back({str(kept_name), str(kept_value)});
    view_.variables = variables_.data();
    view_.variable_count = variables_.size();
    return 0;
}

int32_t Exchange::setErrorPage(unsigned status, std::string_view target) {
    if (status < 400 || status > 599 || !target.starts_with('/')) return -EINVAL;
    const std::string_view kept = arena_.copy(target);
    if (kept.empty() || error_pages_.size() >= kMostErrorPages) return -ENOMEM;
    error_pages_.emplace_back(status, kept);
    return 0;
}

int32_t Exchange::setRequestField(std::string_view name, const std::string_view* value) {
    if (access_ != Access::Asking && access_ != Access::Held) return -EALREADY;
    if (!http::isValidField(name, value != nullptr ? *value : std::string_view())) return -EINVAL;
    char* lower = arena_.array<char>(name.size());
    auto* fields = arena_.array<tp_field>(view_.field_count + 1);
    const std::string_view kept_value = value != nullptr ? arena_.copy(*value) : std::string_view();
    if (lower == nullptr || fields == nullptr || (value != nullptr && kept_value.size() != value->size()))
        return -ENOMEM;
    std::ranges::transform(name, lower, http::toLower);
    const std::string_view kept_name(lower, name.size());
    const auto bit = http::RequestFields::presenceOf(kept_name);
    if (!bit) return -EINVAL;
    if (sent_fields_.fields == nullptr) sent_fields_ = {view_.fields, view_.field_count, view_.present};
    auto* end = std::remove_copy_if(view_.fields, view_.fields + view_.field_count, fields,
                                    [&](const tp_field& field) { return text(field.name) == kept_name; });
    if (value != nullptr) *end++ = {str(kept_name), str(kept_value)};
    view_.fields = fields;
    view_.field_count = static_cast<uint32_t>(end - fields);
    view_.present = value != nullptr ? view_.present | *bit : view_.present & ~*bit;
    return 0;
}

/// The last word counts. Empty: none.
std::string_view Exchange::errorPageFor(unsigned status) const {
    for (auto page = error_pages_.rbegin(); page != error_pages_.rend(); ++page)
        if (page->first == status) return page->second;
    auto page = site_->config->error_pages.find(status);
    return page != site_->config->error_pages.end() ? std::string_view(page->second) : std::string_view();
}

void Exchange::dropAccessWords() {
    response_.dropChanges();
    view_.remote_user = {};
    variables_.clear();
    view_.variables = nullptr;
    view_.variable_count = 0;
    error_pages_.clear();
    if (sent_fields_.fields == nullptr) return;
    view_.fields = sent_fields_.fields;
    view_.field_count = sent_fields_.count;
    view_.present = sent_fields_.present;
    sent_fields_ = {};
}

void Exchange::endStates() {
    for (const State& state : states_)
        if (state.end != nullptr) state.end(state.memory);
    states_.clear();
}

}  // namespace turnpike::server
