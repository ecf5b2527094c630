#include "config/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <memory>

#include "config/suggest.h"

namespace turnpike::config {
namespace {

struct Freed {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};
using Code = std::unique_ptr<pcre2_code, Freed>;

Code compile(const std::string& pattern, int* error, PCRE2_SIZE* offset) {
    const auto* text = reinterpret_cast<PCRE2_SPTR>(pattern.data());
    return Code(pcre2_compile(text, pattern.size(), PCRE2_UTF, error, offset, nullptr));
}

}  // namespace

std::string checkPattern(const std::string& pattern) {
    int error = 0;
    PCRE2_SIZE offset = 0;
    if (compile(pattern, &error, &offset)) return {};
    PCRE2_UCHAR message[128] = {};
    pcre2_get_error_message(error, message, sizeof message);
    return quoted(pattern) + ": " + reinterpret_cast<const char*>(message) + " at character " +
           std::to_string(offset + 1);
}

bool patternMatches(const std::string& pattern, std::string_view path) {
    constexpr uint32_t kMatchLimit = 10'000;  // that of the server
    int error = 0;
    PCRE2_SIZE offset = 0;
    Code code = compile(pattern, &error, &offset);
    std::unique_ptr<pcre2_match_data, Freed> data(pcre2_match_data_create(1, nullptr));
    std::unique_ptr<pcre2_match_context, Freed> context(pcre2_match_context_create(nullptr));
    if (!code || !data || !context) return false;
    pcre2_set_match_limit(context.get(), kMatchLimit);
    return pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(path.data()), path.size(), 0, 0, data.get(),
                       context.get()) >= 0;
}

}  // namespace turnpike::config
