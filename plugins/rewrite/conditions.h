// conditions.h - when a rule applies: what its keys ask of a request. Never changed after configure().
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pattern.h"
#include "sdk/plugin.hpp"
#include "sdk/services.h"
#include "sdk/support/networks.h"
#include "template.h"

namespace turnpike::rewrite {

/// A pattern, or with "!" before it everything that it does not match.
struct Test {
    Pattern pattern;
    bool is_negated;
};

class Conditions {
 public:
    /// Reads the keys from `path` to `remote`. Throws Refused.
    Conditions(const tp_host& host, const tp_setup& setup);
    /// `exists` and `missing`, which may name what the others found. Throws Refused.
    void readFiles(const tp_host& host, const tp_setup& setup, bool has_map);

    /// All but files, in the order of their cost. `match` takes the captures of those that hold.
    Found hold(const tp_request_view& view, Match& match) const;
    bool filesHold(const tp_io& io, tp_request* request, const tp_request_view& view, const Match& match) const;

    size_t groups() const { return path_ && !path_->is_negated ? path_->pattern.groupCount() + 1 : 0; }
    const Names& names() const { return names_; }
    bool isEmpty() const;
    /// For the error log: the rule is known by it.
    std::string shown() const { return path_ ? "path " + path_->pattern.text() : "without a path"; }

 private:
    using NamedTest = std::pair<std::string, Test>;
    std::optional<Test> readTest(const tp_host& host, const tp_setup& setup, const char* key);
    std::vector<NamedTest> readTests(const tp_host& host, const tp_setup& setup, const char* key);
    void keepNames(const char* key, const Test& test);
    Found holdsFor(const Test& test, std::string_view subject, Captures& captures, Match& match) const;
    bool isOfRequest(const tp_request_view& view) const;
    Found holdsForFields(const tp_request_view& view, Captures& captures, Match& match) const;

    Names names_;  // first: reading the patterns fills it
    std::optional<Test> path_, host_, query_;
    std::vector<NamedTest> headers_, cookies_;
    std::vector<std::string> methods_;
    std::string scheme_;
    support::Networks remote_;
    std::vector<Template> exists_, missing_;
};

}  // namespace turnpike::rewrite
