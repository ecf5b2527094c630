// syntax.h - the characters that RFC 9110 section 5 builds fields from. Pure; any thread.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnpike::http {

/// Why a message is refused; status 0: it is not. `reason` is static text for the log.
struct Refusal {
    unsigned status = 0;
    const char* reason = "";
};

constexpr bool isDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool isAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool isBlank(char c) { return c == ' ' || c == '\t'; }
constexpr char toLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
/// The value of a hex digit, -1 for anything else.
constexpr int hexValue(char c) {
    if (isDigit(c)) return c - '0';
    const char lower = toLower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}
/// HTAB, SP, visible ASCII and obs-text: what a field value consists of.
constexpr bool isFieldByte(char c) { return c == '\t' || (static_cast<uint8_t>(c) >= 0x20 && c != 0x7f); }

namespace detail {
constexpr std::array<char, 256> makeTokenTable() {
    std::array<char, 256> table{};
    for (char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) {
        table[static_cast<uint8_t>(c)] = c;
    }
    for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<uint8_t>(c)] = toLower(c);
    return table;
}
inline constexpr std::array<char, 256> kTokenLower = makeTokenTable();
}  // namespace detail

/// The lower-case form of a token character, 0 for a byte that no token holds (RFC 9110 section 5.6.2).
inline char tokenLower(char c) { return detail::kTokenLower[static_cast<uint8_t>(c)]; }
inline bool isTokenByte(char c) { return tokenLower(c) != 0; }

/// True for one or more token characters.
bool isToken(std::string_view text);
/// True when every byte may stand in a field value (RFC 9110 section 5.5).
bool isFieldText(std::string_view text);
/// Without the blanks around it (OWS).
std::string_view trimBlanks(std::string_view text);
/// Compares without case; `lower` is lower case already.
bool equalsLower(std::string_view text, std::string_view lower);

/// The members of a comma-separated list without quoted strings (RFC 9110 section 5.6.1), trimmed; an empty
/// element is given as an empty member.
class ListReader {
 public:
    explicit ListReader(std::string_view list) : rest_(list) {}
    /// False when there are no more.
    bool next(std::string_view& member);

 private:
    std::string_view rest_;
    bool done_ = false;
};

}  // namespace turnpike::http
