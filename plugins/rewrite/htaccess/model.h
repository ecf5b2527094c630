// model.h - what an .htaccess file says, ready to be obeyed. Plain data, never changed once it is read.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../pattern.h"
#include "condition.h"
#include "expansion.h"
#include "expression.h"
#include "lines.h"
#include "scripts.h"
#include "sdk/support/networks.h"

namespace turnpike::rewrite::htaccess {

/// <Files> and <FilesMatch>: the name of the file, without its folder.
struct FileTest {
    std::string glob;  // empty: the pattern counts
    std::optional<Pattern> pattern;
    Place place = {};
};
/// <Limit> and <LimitExcept>.
struct MethodTest {
    std::vector<std::string> methods;
    bool is_except = false;
};

/// <If>, <ElseIf> and <Else>.
struct IfTest {
    std::shared_ptr<const Expression> expression;
    bool is_negated = false;
    Place place = {};
};

/// Require and its containers.
struct Requirement {
    enum class Kind : uint8_t { All, Any, None, Granted, Denied, Address, User, Method, Variable, Expression };
    Kind kind = Kind::Any;
    bool is_negated = false;
    support::Networks addresses;     // of Address
    std::vector<std::string> names;  // of User (none: any user), Method and Variable
    std::optional<htaccess::Expression> expression;
    std::vector<Requirement> parts;  // of containers
};
/// Order, Allow and Deny.
struct Order {
    bool allows_last = true;  // "deny,allow", the default: who is in neither may enter
    support::Networks allow, deny;
    std::vector<std::string> allow_variables, deny_variables;
};

/// Header and RequestHeader.
struct HeaderChange {
    enum class Action : uint8_t { Set, SetIfEmpty, Append, Merge, Add, Unset, Edit };
    Action action;
    bool always;  // also with errors
    std::string name;
    Expansion value;
    std::optional<Pattern> pattern;  // of Edit
    std::string variable;            // env=NAME: only when it is set
    bool is_negated = false;
    std::optional<Expression> expression;  // expr=: only when it holds
    Place place = {};
};
struct Expiry {
    bool from_modification = false;
    int64_t seconds = 0;
};
/// SetEnv, UnsetEnv, SetEnvIf: `sets` NAME=VALUE or "!NAME" when the pattern finds something.
struct VariableRule {
    std::string subject;                 // a request field, Remote_Addr and the like, or a variable
    std::optional<Pattern> field_names;  // or fields whose names it finds
    std::optional<Pattern> pattern;      // none: always, as SetEnv has it
    std::vector<std::pair<std::string, std::optional<Expansion>>> sets;
    Place place = {};
};
/// Redirect and RedirectMatch.
struct Redirection {
    unsigned status;
    std::string prefix;  // empty: the pattern counts
    std::optional<Pattern> pattern;
    Expansion target;
    Place place = {};
};
/// AddType, AddEncoding, AddCharset: by the endings of a name, which there are in lower case. A type that is empty
/// is one that RemoveType has taken away.
struct Types {
    std::map<std::string, std::string> types, encodings, charsets;
    std::string forced;
    std::optional<std::string> default_charset;
};

/// One of the two.
struct RewriteCondition {
    Condition test;
    std::optional<Expression> expression;
    bool or_next = false;
};
struct RewriteRule {
    std::optional<Pattern> pattern;
    bool is_negated = false;
    bool is_pass = false;  // "-"
    Expansion target;
    std::vector<RewriteCondition> conditions;
    std::vector<std::pair<std::string, std::optional<Expansion>>> variables;  // E
    unsigned status = 0;                                                      // R, F, G
    unsigned skip = 0;
    bool is_last = false, is_end = false, is_next = false, is_chained = false, appends_query = false,
         drops_query = false, is_raw = false, escapes_groups = false;
    std::string type;
    Place place = {};
};
struct Rewriting {
    bool is_set = false;        // some directive stands there: what folders above say does not count
    std::optional<bool> is_on;  // none: as the folders above say
    bool inherits = false;
    bool takes_no_slash = false;  // AllowNoSlash
    std::string base;
    std::vector<RewriteRule> rules;
};

/// The file itself, or a section in it with its conditions.
struct Block {
    std::vector<FileTest> files;
    std::vector<MethodTest> methods;
    std::vector<IfTest> ifs;
    std::optional<Requirement> require;
    std::optional<Order> order;
    std::optional<bool> is_one_enough;  // Satisfy
    bool needs_tls = false;             // SSLRequireSSL
    std::vector<HeaderChange> headers, request_headers;
    std::vector<std::pair<std::string, std::string>> php;
    Scripts scripts;
    std::optional<bool> expires;
    std::optional<Expiry> expires_default;
    std::map<std::string, Expiry> expires_types;
    Types types;
    std::vector<std::pair<unsigned, std::string>> error_pages;  // an empty page: the server's own
    std::optional<std::vector<std::string>> index;
    std::optional<std::string> fallback;  // FallbackResource; empty: none
    std::optional<bool> lists;
    std::optional<bool> adds_slash;  // DirectorySlash
    std::vector<VariableRule> variables;
    std::vector<Redirection> redirections;
    Rewriting rewriting;
};

struct File {
    std::string path;              // of the .htaccess file, for messages
    std::string error;             // not empty: the folder is closed, and this is why
    std::string place;             // of the error: "PATH:LINE"
    unsigned line = 0;             // the same line
    std::vector<Block> blocks{1};  // the file itself, then its sections in their order
};

}  // namespace turnpike::rewrite::htaccess
