#include "admission.h"

#include <algorithm>

#include "lines.h"

namespace turnpike::rewrite::htaccess {
namespace {

using Kind = Requirement::Kind;
enum class Answer : uint8_t { Granted, Denied, Neutral };

bool isSet(const Subject& subject, const std::string& name) { return subject.environment().contains(name); }

bool holds(const Requirement& require, Entry& entry) {
    const Subject& subject = entry.subject;
    const std::string_view user = text(subject.view().remote_user);
    switch (require.kind) {
        case Kind::Granted:
            return true;
        case Kind::Denied:
            return false;
        case Kind::Address:
            return require.addresses.contains(text(subject.view().remote_address));
        case Kind::User:
            return !user.empty() && (require.names.empty() || std::ranges::count(require.names, user) != 0);
        case Kind::Method:
            return std::ranges::count(require.names, text(subject.view().method)) != 0;
        case Kind::Expression: {
            const Found found = require.expression->holds(subject, entry.effort);
            entry.is_undecided = entry.is_undecided || found == Found::TooMuch;
            return found == Found::Yes;
        }
        default:
            return std::ranges::any_of(require.names,
                                       [&](const std::string& name) { return isSet(subject, name); });
    }
}

Answer ask(const Requirement& require, Entry& entry);

Answer askParts(const Requirement& require, Entry& entry) {
    bool has_grant = false, has_denial = false;
    for (const Requirement& part : require.parts) {
        const Answer answer = ask(part, entry);
        has_grant = has_grant || answer == Answer::Granted;
        has_denial = has_denial || answer == Answer::Denied;
    }
    if (require.kind == Kind::None) return has_grant ? Answer::Denied : Answer::Neutral;
    if (require.kind == Kind::All)
        return has_denial ? Answer::Denied : has_grant ? Answer::Granted : Answer::Neutral;
    return has_grant ? Answer::Granted : has_denial ? Answer::Denied : Answer::Neutral;
}

/// As Apache 2.4: what is turned round can only refuse.
Answer ask(const Requirement& require, Entry& entry) {
    const bool is_container = require.kind == Kind::All || require.kind == Kind::Any || require.kind == Kind::None;
    if (is_container) return askParts(require, entry);
    if (require.is_negated) return holds(require, entry) ? Answer::Denied : Answer::Neutral;
    return holds(require, entry) ? Answer::Granted : Answer::Denied;
}

bool isOpen(const Order& order, const Subject& subject) {
    const std::string_view client = text(subject.view().remote_address);
    auto is_set = [&](const std::string& name) { return isSet(subject, name); };
    const bool is_allowed = order.allow.contains(client) || std::ranges::any_of(order.allow_variables, is_set);
    const bool is_denied = order.deny.contains(client) || std::ranges::any_of(order.deny_variables, is_set);
    return order.allows_last ? is_allowed || !is_denied : is_allowed && !is_denied;
}

}  // namespace

std::string refusal(const Admission& admission, Entry& entry) {
    const Subject& subject = entry.subject;
    if (admission.needs_tls && subject.view().secure == 0) return "SSLRequireSSL: the connection has no TLS";
    const bool is_granted = admission.require == nullptr || ask(*admission.require, entry) == Answer::Granted;
    const bool is_open = admission.order == nullptr || isOpen(*admission.order, subject);
    if (is_granted && is_open) return {};
    const bool has_both = admission.require != nullptr && admission.order != nullptr;
    if (admission.is_one_enough && has_both && (is_granted || is_open)) return {};
    return std::string(is_granted ? "Order, Allow and Deny keep" : "Require keeps") + " the client " +
           std::string(text(subject.view().remote_address)) + " out";
}

}  // namespace turnpike::rewrite::htaccess
