// pattern.h - a regular expression (PCRE2) whose work is bounded: what a client sends cannot hang a worker.
// Compiled at start, matched on the loop.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct pcre2_real_code_8;

namespace turnpike::rewrite {

/// The parts of a subject that a pattern found: 0 is all of it, the groups follow. Views into the subject.
using Captures = std::vector<std::string_view>;

enum class Found : uint8_t {
    No,
    Yes,
    TooMuch,  // the match limit was reached, or the request's effort is spent: nobody knows
};

/// What all matching for one request may cost together: a unit is at most a thousand steps of PCRE2.
class Effort {
 public:
    static constexpr unsigned kAll = 30'000;

    /// False: it is spent, and stays so.
    bool take(size_t units) {
        const bool is_enough = units <= left_;
        left_ = is_enough ? left_ - static_cast<unsigned>(units) : 0;
        return is_enough;
    }
    bool isSpent() const { return left_ == 0; }

 private:
    unsigned left_ = kAll;
};

class Pattern {
 public:
    struct Options {
        bool ignores_case = false;
        bool is_utf = false;  // the subject is valid UTF-8, and a character may have several bytes
    };
    /// Throws std::invalid_argument with what is wrong and at which character.
    Pattern(std::string_view text, Options options);

    /// `captures` is set only where something was found. A group that took no part is empty.
    Found find(std::string_view subject, Captures& captures) const;
    /// The same, as long as there is effort. One that begins with "^" costs a unit, or eleven when it tries long;
    /// others are tried at each character, and cost that much for every ten of them, or for one.
    Found find(std::string_view subject, Captures& captures, Effort& effort) const;

    const std::string& text() const { return text_; }
    size_t groupCount() const { return group_count_; }
    /// Its named groups with their numbers.
    const std::vector<std::pair<std::string, size_t>>& names() const { return names_; }

 private:
    void readNames();
    Found match(std::string_view subject, Captures& captures, uint32_t limit) const;

    std::string text_;
    std::shared_ptr<pcre2_real_code_8> code_;  // copies share it
    size_t group_count_ = 0;
    bool is_anchored_ = false;
    std::vector<std::pair<std::string, size_t>> names_;
};

}  // namespace turnpike::rewrite
