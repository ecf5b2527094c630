// expression.h - Apache's expressions, as <If>, Require expr, RewriteCond expr, SetEnvIfExpr and "expr=" of Header
// have them: those that only read the request, its answer and what is on disk. Parsed once.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "condition.h"

namespace turnpike::rewrite::htaccess {

class Expression {
 public:
    /// Throws std::invalid_argument with what is not understood.
    explicit Expression(std::string_view text);

    Found holds(const Subject& subject, Effort& effort) const { return ask(root_, subject, effort); }

 private:
    friend class ExpressionReader;
    /// A condition, or parts of which all or any must hold.
    struct Node {
        std::optional<Condition> condition = std::nullopt;
        std::vector<Node> parts = {};
        bool is_any = false, is_negated = false;
    };
    static Found ask(const Node& node, const Subject& subject, Effort& effort);
    static Found askPlain(const Node& node, const Subject& subject, Effort& effort);

    Node root_;
};

}  // namespace turnpike::rewrite::htaccess
