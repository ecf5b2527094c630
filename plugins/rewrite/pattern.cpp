#include "pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdexcept>

namespace turnpike::rewrite {
namespace {

// The same as for the patterns of routes. PCRE2 counts anew at each character where a match may begin.
constexpr uint32_t kMatchLimit = 10'000, kFewSteps = 100;
// What a unit of effort buys.
constexpr size_t kSteps = 1000, kBytes = 4096;
// A pattern of the administrator's, or of whoever may write an .htaccess file.
constexpr size_t kLongest = 4096;
constexpr uint32_t kMostGroups = 99;

struct Scratch {
    pcre2_match_data* data = pcre2_match_data_create(kMostGroups + 1, nullptr);
    pcre2_match_context* context = pcre2_match_context_create(nullptr);
    Scratch() = default;
    ~Scratch() {
        pcre2_match_data_free(data);
        pcre2_match_context_free(context);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
};

PCRE2_SPTR bytes(std::string_view text) { return reinterpret_cast<PCRE2_SPTR>(text.data()); }

}  // namespace

Pattern::Pattern(std::string_view text, Options options) : text_(text) {
    if (text.size() > kLongest) throw std::invalid_argument("a pattern may have 4096 characters at most");
    int error = 0;
    PCRE2_SIZE offset = 0;
    // A line break that a client sends is a character like others, and leads past no pattern.
    const uint32_t flags = PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | (options.ignores_case ? PCRE2_CASELESS : 0u) |
                           (options.is_utf ? PCRE2_UTF : 0u);
    code_.reset(pcre2_compile(bytes(text_), text_.size(), flags, &error, &offset, nullptr), pcre2_code_free);
    if (!code_) {
        PCRE2_UCHAR message[128] = {};
        pcre2_get_error_message(error, message, sizeof message);
        throw std::invalid_argument(std::string(reinterpret_cast<const char*>(message)) + " at character " +
                                    std::to_string(offset + 1));
    }
    uint32_t groups = 0;
    pcre2_pattern_info(code_.get(), PCRE2_INFO_CAPTURECOUNT, &groups);
    if (groups > kMostGroups) throw std::invalid_argument("a pattern may have 99 groups at most");
    group_count_ = groups;
    uint32_t found = 0;
    pcre2_pattern_info(code_.get(), PCRE2_INFO_ALLOPTIONS, &found);
    is_anchored_ = (found & PCRE2_ANCHORED) != 0;
    readNames();
    // Where the system forbids memory that is written and run, PCRE2 interprets the pattern by itself.
    pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE);
}

void Pattern::readNames() {
    uint32_t count = 0, size = 0;
    PCRE2_SPTR table = nullptr;
    pcre2_pattern_info(code_.get(), PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code_.get(), PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(code_.get(), PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < count; ++i, table += size)
        names_.emplace_back(reinterpret_cast<const char*>(table + 2), size_t{table[0]} << 8 | table[1]);
}

Found Pattern::find(std::string_view subject, Captures& captures) const {
    return match(subject, captures, kMatchLimit);
}

/// PCRE2 does not say how many steps it took, so each pattern is given few, and when they are not enough it begins
/// again with all.
Found Pattern::find(std::string_view subject, Captures& captures, Effort& effort) const {
    const size_t starts = is_anchored_ ? 1 : subject.size() + 1;
    if (!effort.take(1 + starts * kFewSteps / kSteps + subject.size() / kBytes)) return Found::TooMuch;
    const Found found = match(subject, captures, kFewSteps);
    if (found != Found::TooMuch || !effort.take(starts * kMatchLimit / kSteps)) return found;
    return match(subject, captures, kMatchLimit);
}

Found Pattern::match(std::string_view subject, Captures& captures, uint32_t limit) const {
    static thread_local Scratch scratch;
    if (scratch.data == nullptr || scratch.context == nullptr) return Found::TooMuch;
    pcre2_set_match_limit(scratch.context, limit);
    const int result =
        pcre2_match(code_.get(), bytes(subject), subject.size(), 0, 0, scratch.data, scratch.context);
    if (result == PCRE2_ERROR_NOMATCH) return Found::No;
    if (result <= 0) return Found::TooMuch;
    const PCRE2_SIZE* at = pcre2_get_ovector_pointer(scratch.data);
    captures.assign(group_count_ + 1, {});
    for (size_t i = 0; i < static_cast<size_t>(result); ++i)
        if (at[2 * i] != PCRE2_UNSET && at[2 * i] <= at[2 * i + 1])
            captures[i] = subject.substr(at[2 * i], at[2 * i + 1] - at[2 * i]);
    return Found::Yes;
}

}  // namespace turnpike::rewrite
