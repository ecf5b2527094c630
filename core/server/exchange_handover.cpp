// Answers that a script leaves to the server, and what of its own answer they keep.
#include <optional>
#include <utility>

#include "server/exchange.h"
#include "server/handover.h"
#include "server/runtime.h"

namespace turnpike::server {
namespace {

std::string_view text(tp_str s) { return {s.ptr, s.len}; }

}  // namespace

bool Exchange::isFromScript() const {
    return owner_ != nullptr && access_ == Access::Past && (owner_->table->capabilities & TP_CAP_SCRIPTS) != 0;
}

/// Where the fields of a script's answer send the request: nowhere, to a path, or (Refused) to what is none.
Exchange::ScriptAnswer Exchange::handOver(const Handover& found) {
    const config::Site& config = *site_->config;
    std::optional<std::string> target;
    if (config.x_accel_redirect && found.accel != nullptr)
        target = text(found.accel->value);
    else if (config.x_sendfile && found.sendfile != nullptr)
        target = pathOfFile(*site_, text(found.sendfile->value));
    else
        return ScriptAnswer::Own;
    if (target && target->starts_with('/') && redirects_ < kMostRedirects) {
        handover_ = std::move(*target);
        return ScriptAnswer::HandedOver;
    }
    const tp_str value =
        found.accel != nullptr && config.x_accel_redirect ? found.accel->value : found.sendfile->value;
    fail(500, "the script hands over to " + std::string(text(value)) +
                  ", which is no path, leads round in a circle, or is beneath no internal route's root");
    return ScriptAnswer::Refused;
}

/// A script's answer begins: its fields for the server are obeyed and taken out.
Exchange::ScriptAnswer Exchange::takeScriptFields(unsigned status, const tp_field*& fields, size_t& count) {
    const Handover found = findHandover(fields, count);
    if (!found.any) return ScriptAnswer::Own;
    if (status / 100 == 2 && error_status_ == 0) {
        const ScriptAnswer answer = handOver(found);
        if (answer == ScriptAnswer::HandedOver) keepFields(fields, count);
        if (answer != ScriptAnswer::Own) return answer;
    }
    leaveOutHandover(fields, count);
    return ScriptAnswer::Own;
}

void Exchange::leaveOutHandover(const tp_field*& fields, size_t& count) {
    auto* rest = arena_.array<tp_field>(count);
    size_t kept = 0;  // without memory better no field than one that tells where files lie
    for (size_t i = 0; i < count && rest != nullptr; ++i)
        if (!isHandoverField(text(fields[i].name))) rest[kept++] = fields[i];
    fields = rest;
    count = kept;
}

void Exchange::keepFields(const tp_field* fields, size_t count) {
    kept_fields_.clear();
    for (size_t i = 0; i < count; ++i)
        if (keptAs(text(fields[i].name)) != Keep::Not)
            kept_fields_.emplace_back(text(fields[i].name), text(fields[i].value));
}

/// The body of an answer that is another's now; at its end that one begins.
int32_t Exchange::swallow(bool last) {
    if (!last) return TP_SENT;
    redirect_target_ = std::exchange(handover_, {});
    redirect_as_ = As::Get;
    redirecting_ = redirect_internal_ = true;
    settleLater();
    return TP_SENT;
}

/// What the script's answer gave to the one that begins now, unless that is an error.
void Exchange::applyKeptFields(unsigned status) {
    const bool is_right = status / 100 == 2 || status == 304;
    for (const auto& [name, kept] : kept_fields_) {
        const std::string_view value = kept;
        if (is_right) response_.change(name, &value, keptAs(name) == Keep::Beside);
    }
    kept_fields_.clear();
}

}  // namespace turnpike::server
