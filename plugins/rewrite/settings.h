// settings.h - what the config says about one rule. Never changed after configure().
#pragma once
#include <string>

#include "conditions.h"
#include "map.h"
#include "sdk/plugin.hpp"
#include "template.h"

namespace turnpike::rewrite {

/// The keys, as the loader, `turnpike explain` and the manual see them.
inline constexpr tp_key kKeys[] = {
    {"path", TP_KEY_STRING, 0, nullptr,
     "The rule is for paths that this regular expression (PCRE2) finds something in; \"!\" before it: for those "
     "in "
     "which it finds nothing. The path is decoded and normalised, and $1 to $9 are its groups."},
    {"host", TP_KEY_STRING, 0, nullptr, "The same for the host's name, without port, whatever its case."},
    {"query", TP_KEY_STRING, 0, nullptr, "The same for the query, as the client sent it, without \"?\"."},
    {"headers", TP_KEY_MAP, 0, nullptr,
     "The same for request fields, all of them: { user-agent = 'bot' }. A field that did not come is empty."},
    {"cookies", TP_KEY_MAP, 0, nullptr, "The same for cookies: { session = '.' }."},
    {"methods", TP_KEY_LIST, 0, "[]", "The rule is for requests with one of these methods."},
    {"scheme", TP_KEY_STRING, 0, nullptr, "\"http\" or \"https\": the rule is for such connections."},
    {"remote", TP_KEY_LIST, 0, "[]",
     "The rule is for clients with one of these addresses, written as in `access`: \"10.0.0.0/8\"."},
    {"exists", TP_KEY_LIST, 0, "[]",
     "All of these files must be there, such as \"$path\"; with a slash at the end, such as \"$path/\", folders."},
    {"missing", TP_KEY_LIST, 0, "[]", "None of these may be there."},
    {"map", TP_KEY_MAP, 0, nullptr,
     "A table: { \"/old\" = \"/new\" }. The rule is for requests whose `map_key` is in it, and $map is what "
     "stands "
     "there."},
    {"map_file", TP_KEY_STRING, 0, nullptr,
     "Absolute path of a file with such a table: a line for each, KEY VALUE. Read at start and at a reload."},
    {"map_key", TP_KEY_STRING, 0, "$path", "What is looked up in the table."},
    {"redirect", TP_KEY_STRING, 0, nullptr,
     "Send the client there: \"https://example.org/$1\", or a path of this host. Without a \"?\" in it the query "
     "goes along."},
    {"status", TP_KEY_INTEGER, 0, "302", "How: 301, 302, 303, 307 or 308."},
    {"rewrite", TP_KEY_STRING, 0, nullptr,
     "Go on with this path, which begins with \"/\", as if it had been asked for; programs still see the client's "
     "own in REQUEST_URI. Without a \"?\" in it the query goes along."},
    {"refuse", TP_KEY_INTEGER, 0, "0", "Answer with this status, 400 to 599."},
    {"htaccess", TP_KEY_BOOLEAN, 0, "false",
     "Instead of a rule: obey the .htaccess files of the site, as far as the README says. One that holds anything "
     "else closes its folder."},
};

struct Settings {
    enum class Action : uint8_t { Redirect, Rewrite, Refuse };

    /// Throws Refused.
    Settings(const tp_host& host, const tp_setup& setup);

    Conditions conditions;
    Map map;
    Template map_key;
    Action action;
    Template target;  // of Redirect and Rewrite
    uint32_t status;  // of Redirect and Refuse
};

/// Whether this use is for .htaccess files; then it has no other key. Throws Refused.
bool isForHtaccess(const tp_host& host, const tp_setup& setup);

}  // namespace turnpike::rewrite
