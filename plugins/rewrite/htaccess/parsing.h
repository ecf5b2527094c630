// parsing.h - the parts of the parser: a function for each group of directives. They throw std::invalid_argument.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "lines.h"
#include "model.h"

namespace turnpike::rewrite::htaccess {

/// False: the directive is not of this group.
bool parseAccess(const Line& line, Block& block);
/// Require, for the container that is open or the block.
Requirement parseRequire(const Line& line);
/// An address or a network, as Apache writes them.
void addAddress(support::Networks& to, const std::string& given);
bool parseHeaders(const Line& line, Block& block);
bool parseTypes(const Line& line, Block& block);
bool parseOthers(const Line& line, Block& block);
bool parseRedirects(const Line& line, Block& block);

/// The rewriting of a folder: conditions are collected until their rule comes.
class RewriteParser {
 public:
    bool parse(const Line& line, Rewriting& to);
    /// Conditions without a rule are a mistake.
    void finish() const;

 private:
    void parseCondition(const Line& line);
    void parseRule(const Line& line, Rewriting& to);
    std::vector<RewriteCondition> conditions_;
};

/// Throws where a directive has another number of arguments.
void expectArguments(const Line& line, size_t least, size_t most);
/// "on" or "off".
bool parseSwitch(const Line& line);
/// A pattern of the file's; without UTF-8, as Apache has it.
Pattern parsePattern(std::string_view text, bool ignores_case = false);
/// False: PHP has no such setting any more. Throws for those that may not be set here.
bool isPhpSetting(const std::string& name);
/// 301, "permanent" ... ; 0: it is none.
unsigned parseStatus(std::string_view text);
std::invalid_argument notHere(const std::string& what, const std::string& instead);

}  // namespace turnpike::rewrite::htaccess
