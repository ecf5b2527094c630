// expansion.h - text with $1, %1, %{NAME}, %{HTTP:field} and %{ENV:name} in it, as mod_rewrite reads them. Parsed
// once.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../pattern.h"

namespace turnpike::rewrite::htaccess {

class Subject;

class Expansion {
 public:
    enum class What : uint8_t { Text, Group, ConditionGroup, Variable };
    struct Piece {
        What what;
        std::string text;  // or the variable's name
        size_t number = 0;
    };

    Expansion() = default;
    /// Throws std::invalid_argument for a variable that does not exist.
    static Expansion ofRule(std::string_view text);
    /// As the value of Header: "%{NAME}e", "%%".
    static Expansion ofHeader(std::string_view text);
    /// With "$1" alone, as RedirectMatch and SetEnvIf have it.
    static Expansion ofGroups(std::string_view text);

    /// As it is.
    static Expansion ofText(std::string_view text) {
        Expansion result;
        if (!text.empty()) result.addText(text);
        return result;
    }

    /// `name`: as %{...} of a rule has it.
    static Expansion ofVariable(std::string name) {
        Expansion result;
        result.pieces_.push_back({What::Variable, std::move(name)});
        return result;
    }
    void append(const Expansion& more) {
        for (const Piece& piece : more.pieces_)
            if (piece.what == What::Text)
                addText(piece.text);
            else
                pieces_.push_back(piece);
    }

    const std::vector<Piece>& pieces() const { return pieces_; }
    bool isEmpty() const { return pieces_.empty(); }

    struct Groups {
        const Captures& rule;
        const Captures& condition;
    };
    static std::string_view group(const Captures& captures, size_t number) {
        return number < captures.size() ? captures[number] : std::string_view();
    }
    /// Cut behind kLongest: rules that put a text into itself would double it each time.
    std::string plain(const Subject& subject, const Groups& groups) const;
    static constexpr size_t kLongest = size_t{64} * 1024;

 private:
    void addText(std::string_view text);
    std::vector<Piece> pieces_;
};

}  // namespace turnpike::rewrite::htaccess
