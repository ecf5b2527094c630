#include "answer.h"

#include <string>

#include "sdk/support/lists.h"

namespace turnpike::headers {
namespace {

bool hasElement(std::string_view list, std::string_view element) {
    while (!list.empty())
        if (isSameName(support::nextElement(list), element)) return true;
    return false;
}

void append(std::string& list, std::string_view text) {
    if (text.empty()) return;
    list.append(list.empty() ? "" : ", ").append(text);
}

}  // namespace

void Answer::remove(std::string_view name) noexcept { check(host_.set_field(request_, str(name), nullptr)); }

void Answer::set(const Field& field) noexcept {
    const tp_str value = str(field.value);
    check(host_.set_field(request_, str(field.name), &value));
}

void Answer::setDefault(const Field& field) noexcept {
    if (!has(field.name)) add(field);
}

void Answer::add(const Field& field) noexcept {
    check(host_.add_field(request_, str(field.name), str(field.value)));
}

/// One line holds the list afterwards, whatever it was spread over.
void Answer::merge(const Field& field) {
    const tp_response_view& head = *host_.response(request_);
    Field merged{field.name, ""};
    for (size_t i = 0; i < head.field_count; ++i)
        if (isSameName(text(head.fields[i].name), field.name)) append(merged.value, text(head.fields[i].value));
    // RFC 9110 section 12.5.5: "*" alone already says that everything may matter.
    if (isSameName(field.name, "vary") && hasElement(merged.value, "*")) return;
    bool has_all = true;
    for (std::string_view rest = field.value; !rest.empty();) {
        const std::string_view element = support::nextElement(rest);
        if (hasElement(merged.value, element)) continue;
        append(merged.value, element);
        has_all = false;
    }
    if (!has_all) set(merged);
}

bool Answer::has(std::string_view name) const noexcept {
    const tp_response_view& head = *host_.response(request_);
    for (size_t i = 0; i < head.field_count; ++i)
        if (isSameName(text(head.fields[i].name), name)) return true;
    return false;
}

}  // namespace turnpike::headers
