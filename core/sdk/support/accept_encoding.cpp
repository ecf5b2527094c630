#include "sdk/support/accept_encoding.h"

#include <optional>

#include "sdk/support/lists.h"

namespace turnpike::support {
namespace {

// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ), in thousandths.
std::optional<int16_t> parseQuality(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return {};
    if (text.size() > 1 && text[1] != '.') return {};
    int value = (text[0] - '0') * 1000;
    int unit = 100;
    for (size_t i = 2; i < text.size(); ++i, unit /= 10) {
        if (text[i] < '0' || text[i] > '9') return {};
        value += (text[i] - '0') * unit;
    }
    if (value > 1000) return {};
    return static_cast<int16_t>(value);
}

// The weight among the parameters; 1000 without one.
std::optional<int16_t> parseWeight(std::string_view parameters) {
    if (parameters.empty()) return int16_t{1000};
    const size_t equals = parameters.find('=');
    if (equals == std::string_view::npos || !equalsLower(parameters.substr(0, equals), "q")) return {};
    return parseQuality(parameters.substr(equals + 1));
}

std::optional<Coding> findCoding(std::string_view name) {
    if (equalsLower(name, "gzip") || equalsLower(name, "x-gzip")) return Coding::Gzip;
    if (equalsLower(name, "br")) return Coding::Brotli;
    if (equalsLower(name, "zstd")) return Coding::Zstd;
    if (equalsLower(name, "identity")) return Coding::Identity;
    return {};
}

}  // namespace

std::string_view codingName(Coding coding) noexcept {
    constexpr std::array<std::string_view, kCodingCount> kNames = {"", "gzip", "br", "zstd"};
    return kNames[static_cast<size_t>(coding)];
}

AcceptEncoding::AcceptEncoding(const tp_request_view& view) noexcept {
    if ((view.present & TP_HAS_ACCEPT_ENCODING) == 0) return;
    for (uint32_t i = 0; i < view.field_count; ++i) {
        const tp_field& field = view.fields[i];
        if (std::string_view(field.name.ptr, field.name.len) != "accept-encoding") continue;
        add({field.value.ptr, field.value.len});
    }
}

void AcceptEncoding::add(std::string_view value) noexcept {
    while (!value.empty()) {
        std::string_view parameters = nextElement(value);
        const std::string_view name = nextElement(parameters, ';');
        const std::optional<int16_t> weight = parseWeight(trim(parameters));
        if (!weight) continue;
        if (name == "*") any_ = *weight;
        if (const auto coding = findCoding(name)) named_[static_cast<size_t>(*coding)] = *weight;
    }
}

unsigned AcceptEncoding::weight(Coding coding) const noexcept {
    const int16_t own = named_[static_cast<size_t>(coding)];
    if (own != kUnnamed) return static_cast<unsigned>(own);
    if (any_ != kUnnamed) return static_cast<unsigned>(any_);
    return coding == Coding::Identity ? 1 : 0;
}

Coding AcceptEncoding::choose(std::span<const Coding> offered) const noexcept {
    Coding best = Coding::Identity;
    unsigned best_weight = 0;
    for (Coding coding : offered) {
        if (weight(coding) <= best_weight) continue;
        best = coding;
        best_weight = weight(coding);
    }
    return weight(Coding::Identity) > best_weight ? Coding::Identity : best;
}

}  // namespace turnpike::support
