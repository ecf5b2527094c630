#include "sdk/http/field_line.h"

#include <limits>

namespace turnpike::http {
namespace {

Refusal badName(const char* line, size_t size, size_t name) {
    if (isBlank(line[0])) return {400, "folded field line, or blank before the first field"};
    if (name == size) return {400, "field line without a colon"};
    return {400, isBlank(line[name]) ? "blank before the colon of a field" : "bad byte in a field name"};
}

}  // namespace

Refusal parseFieldLine(char* line, size_t size, tp_field& field) {
    size_t name = 0;
    for (char c; name < size && (c = tokenLower(line[name])) != 0; ++name) line[name] = c;
    if (name == 0 || name == size || line[name] != ':') return badName(line, size, name);
    const std::string_view value = trimBlanks({line + name + 1, size - name - 1});
    if (!isFieldText(value)) return {400, "control byte in a field value"};
    field = {{line, name}, {value.data(), value.size()}};
    return {};
}

bool readLength(std::string_view digits, int64_t& length) {
    constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
    uint64_t value = 0;
    for (char c : digits) {
        if (!isDigit(c)) return false;
        const auto digit = static_cast<uint64_t>(c - '0');
        if (value > (kMax - digit) / 10) return false;
        value = value * 10 + digit;
    }
    length = static_cast<int64_t>(value);
    return !digits.empty();
}

}  // namespace turnpike::http
