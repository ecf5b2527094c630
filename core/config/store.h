// store.h - the ways in which a bound value gets into a member; the tables of keys.h name one for each key.
#pragma once
#include <string>
#include <utility>

#include "config/keys.h"
#include "config/log_format.h"
#include "config/paths.h"
#include "os/log_target.h"

namespace turnpike::config {

template <class M>
struct MemberOf;
template <class Value, class Owner>
struct MemberOf<Value Owner::*> {
    using ValueType = Value;
    using OwnerType = Owner;
};
template <auto Member>
using OwnerOf = typename MemberOf<decltype(Member)>::OwnerType;
template <auto Member>
using ValueOf = typename MemberOf<decltype(Member)>::ValueType;

/// An integer, duration, size, boolean, or the index of a choice. Its Rule has kept it within the member's range.
template <auto Member>
std::string number(OwnerOf<Member>& to, const BoundKey& value, const Machine&) {
    to.*Member = static_cast<ValueOf<Member>>(value.integer);
    return {};
}

template <auto Member>
std::string string(OwnerOf<Member>& to, const BoundKey& value, const Machine&) {
    to.*Member = value.text;
    return {};
}

/// A file or folder, relative to the file that names it.
template <auto Member>
std::string path(OwnerOf<Member>& to, const BoundKey& value, const Machine& machine) {
    to.*Member =
        value.text.empty() ? std::string() : absolutePath(value.text, value.at.file, machine.working_folder);
    return {};
}

template <auto Member>
std::string list(OwnerOf<Member>& to, const BoundKey& value, const Machine&) {
    to.*Member = value.list;
    return {};
}

template <auto Member>
std::string user(OwnerOf<Member>& to, const BoundKey& value, const Machine& machine) {
    to.*Member = value.text;
    bool is_checked = !value.text.empty() && machine.refuse_user != nullptr;
    return is_checked ? machine.refuse_user(value.text, "") : std::string();
}

/// A log: what os::LogTarget has names for, or a file.
template <auto Member>
std::string log(OwnerOf<Member>& to, const BoundKey& value, const Machine& machine) {
    if (value.is_set && value.text.empty())
        return "must be \"stderr\", \"stdout\", \"syslog\", \"journald\" or a file";
    // As nginx has it; a file of that name is nobody's wish.
    if (value.text == "off") return "is a place: `access_format = \"off\"` is for no access log";
    const bool is_socket = value.text.starts_with("syslog:") || value.text.starts_with("journald:");
    if (is_socket || value.text == "syslog" || value.text == "journald" || value.text == "stderr" ||
        value.text == "stdout") {
        to.*Member = value.text;
        return os::checkLogTarget(value.text);
    }
    return path<Member>(to, value, machine);
}

template <auto Member>
std::string logFormat(OwnerOf<Member>& to, const BoundKey& value, const Machine&) {
    to.*Member = value.text;
    for (const char* known : {"off", "combined", "json"})
        if (value.text == known) return {};
    if (!value.is_set) return {};
    auto parsed = parseLogFormat(value.text);
    return parsed ? std::string() : parsed.error().text;
}

/// Checked with a user who is always there: which one will have the group does not matter here.
template <auto Member>
std::string group(OwnerOf<Member>& to, const BoundKey& value, const Machine& machine) {
    to.*Member = value.text;
    bool is_checked = !value.text.empty() && machine.refuse_user != nullptr;
    return is_checked ? machine.refuse_user("root", value.text) : std::string();
}

}  // namespace turnpike::config
