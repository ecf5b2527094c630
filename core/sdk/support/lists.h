// lists.h - names of fields and comma-separated values (RFC 9110 sections 5.1 and 5.6). Pure; any thread.
#pragma once
#include <string>
#include <string_view>

namespace turnpike::support {

/// `text` without spaces and tabs at both ends.
inline std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Takes the first element up to `separator` off `rest` and returns it trimmed. It may be empty: senders may leave
/// elements out. Not for lists whose elements can hold a quoted separator.
inline std::string_view nextElement(std::string_view& rest, char separator = ',') noexcept {
    const size_t end = rest.find(separator);
    const std::string_view element = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return trim(element);
}

/// Equal but for the case of ASCII letters. `lower` is in lower case.
inline bool equalsLower(std::string_view text, std::string_view lower) noexcept {
    if (text.size() != lower.size()) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower[i]) return false;
    }
    return true;
}

/// With ASCII letters in lower case.
inline std::string lowered(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

/// A token (RFC 9110 section 5.6.2), as every name of a field is one.
inline bool isToken(std::string_view text) noexcept {
    constexpr std::string_view kToken =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
    return !text.empty() && text.find_first_not_of(kToken) == std::string_view::npos;
}

}  // namespace turnpike::support
