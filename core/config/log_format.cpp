#include "config/log_format.h"

#include <algorithm>
#include <cctype>

#include "config/suggest.h"
#include "ledger/ledger.h"

namespace turnpike::config {
namespace {

constexpr std::string_view kRequestField = "request.", kCrossings = "crossings.";
constexpr std::string_view kToken =
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::array<std::string_view, 3> kCounts = {"calls", "errors", "bytes"};
constexpr size_t kMostOfAShortField = 64, kMostOfALongField = 4 * kMostOfALogField;

Error unknown(std::string_view name) {
    std::vector<std::string_view> names;
    names.reserve(kLogFields.size());
    for (const LogFieldName& field : kLogFields) names.emplace_back(field.name);
    std::string hint = suggestion(name, names);
    if (hint.empty())
        hint =
            "; there are the names of a JSON log's members, request.NAME and crossings.CLASS.calls, see the "
            "manual";
    return {EINVAL, "there is no {" + std::string(name) + "}" + hint};
}

Result<LogPiece> requestField(std::string_view name) {
    if (name.empty() || name.find_first_not_of(kToken) != std::string_view::npos)
        return Error{EINVAL, "{request." + std::string(name) + "} names no request field"};
    LogPiece piece{LogField::RequestField, std::string(name)};
    for (char& c : piece.text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return piece;
}

/// "client.calls"
Result<LogPiece> crossings(std::string_view name) {
    const auto dot = name.find('.');
    const auto of = name.substr(0, dot), what = dot == std::string_view::npos ? "" : name.substr(dot + 1);
    const auto count = std::find(kCounts.begin(), kCounts.end(), what);
    for (size_t i = 0; i < ledger::kClasses && count != kCounts.end(); ++i)
        if (of == ledger::name(static_cast<ledger::Class>(i)))
            return LogPiece{LogField::Crossings, "", static_cast<uint8_t>(i),
                            static_cast<LogCount>(count - kCounts.begin())};
    return unknown(std::string(kCrossings).append(name));
}

Result<LogPiece> named(std::string_view name) {
    for (const LogFieldName& field : kLogFields)
        if (name == field.name) return LogPiece{field.field, ""};
    if (name.starts_with(kRequestField)) return requestField(name.substr(kRequestField.size()));
    if (name.starts_with(kCrossings)) return crossings(name.substr(kCrossings.size()));
    return unknown(name);
}

size_t longest(const LogPiece& piece) {
    if (piece.field == LogField::Literal) return piece.text.size();
    if (piece.field == LogField::RequestField) return kMostOfALongField;
    const auto index = static_cast<size_t>(piece.field);
    return index < kLogFields.size() && kLogFields[index].is_long ? kMostOfALongField : kMostOfAShortField;
}

class Parser {
 public:
    explicit Parser(std::string_view text) : rest_(text) {}

    Result<std::vector<LogPiece>> run() {
        while (!rest_.empty())
            if (auto taken = take(); !taken) return taken.error();
        if (!literal_.empty()) pieces_.push_back({LogField::Literal, std::move(literal_)});
        return checked();
    }

 private:
    Result<bool> take() {
        const char c = rest_.front();
        if ((c == '{' || c == '}') && rest_.size() > 1 && rest_[1] == c) {
            literal_ += c;
            rest_.remove_prefix(2);
            return true;
        }
        if (c == '{') return takeField();
        if (c == '}') return Error{EINVAL, "a \"}\" closes nothing: write \"}}\" for the brace itself"};
        if ((c < 0x20 && c != '\t') || c > 0x7e) return Error{EINVAL, "may hold visible ASCII, spaces and tabs"};
        literal_ += c;
        rest_.remove_prefix(1);
        return true;
    }

    Result<bool> takeField() {
        const auto end = rest_.find('}');
        if (end == std::string_view::npos)
            return Error{EINVAL, "a \"{\" is not closed: write \"{{\" for the brace itself"};
        auto piece = named(rest_.substr(1, end - 1));
        if (!piece) return piece.error();
        if (!literal_.empty()) pieces_.push_back({LogField::Literal, std::exchange(literal_, {})});
        pieces_.push_back(std::move(*piece));
        rest_.remove_prefix(end + 1);
        return true;
    }

    Result<std::vector<LogPiece>> checked() {
        size_t most = 1;  // the end of the line
        bool has_field = false;
        for (const LogPiece& piece : pieces_) {
            most += longest(piece);
            has_field = has_field || piece.field != LogField::Literal;
        }
        if (!has_field)
            return Error{EINVAL, "must be \"off\", \"combined\", \"json\" or a text with {fields} in it"};
        if (most > kMostLogLine)
            return Error{EINVAL, "lines could grow to " + std::to_string(most) + " bytes, and " +
                                     std::to_string(kMostLogLine) + " is the most: name fewer fields"};
        return std::move(pieces_);
    }

    std::string_view rest_;
    std::string literal_;
    std::vector<LogPiece> pieces_;
};

constexpr bool inOrder() {
    for (size_t i = 0; i < kLogFields.size(); ++i)
        if (static_cast<size_t>(kLogFields[i].field) != i) return false;
    return static_cast<size_t>(LogField::RequestField) == kLogFields.size();
}
static_assert(inOrder());

}  // namespace

Result<std::vector<LogPiece>> parseLogFormat(std::string_view text) { return Parser(text).run(); }

}  // namespace turnpike::config
