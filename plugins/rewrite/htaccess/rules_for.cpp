#include "rules_for.h"

#include <fnmatch.h>

#include <algorithm>
#include <map>

namespace turnpike::rewrite::htaccess {
namespace {

Found isFor(const FileTest& test, const std::string& name, Effort& effort) {
    Captures captures;
    if (test.pattern) return test.pattern->find(name, captures, effort);
    if (!effort.take(1)) return Found::TooMuch;
    return ::fnmatch(test.glob.c_str(), name.c_str(), 0) == 0 ? Found::Yes : Found::No;
}

bool isFor(const MethodTest& test, std::string_view method) {
    // HEAD is limited with GET (Apache's <Limit>).
    const std::string_view meant = method == "HEAD" ? "GET" : method;
    return (std::ranges::count(test.methods, meant) != 0) != test.is_except;
}

}  // namespace

bool RulesFor::holds(const Block& block, const std::string& name, std::string_view method, Effort& effort) {
    if (!block.files.empty() && name.empty()) return false;
    for (const FileTest& test : block.files) {
        const Found found = isFor(test, name, effort);
        if (found == Found::TooMuch) undecided_ = &test.place;
        if (found != Found::Yes) return false;
    }
    return std::ranges::all_of(block.methods, [&](const MethodTest& test) { return isFor(test, method); });
}

RulesFor::RulesFor(const Way& way, std::string_view name, std::string_view method, Effort& effort) : way_(way) {
    const std::string owned(name);
    for (const Way::Step& step : way.steps) blocks_.push_back(&step.file->blocks[0]);
    for (const Way::Step& step : way.steps)
        for (size_t i = 1; i < step.file->blocks.size(); ++i)
            if (holds(step.file->blocks[i], owned, method, effort)) blocks_.push_back(&step.file->blocks[i]);
}

Admission RulesFor::admission() const {
    Admission admission;
    for (const Block* block : blocks_) {
        if (block->require) admission.require = &*block->require;
        if (block->order) admission.order = &*block->order;
        if (block->is_one_enough) admission.is_one_enough = *block->is_one_enough;
    }
    return admission;
}

Scripts RulesFor::scripts() const {
    Scripts scripts;
    for (const Block* block : blocks_) scripts.add(block->scripts);
    return scripts;
}

const std::vector<std::string>* RulesFor::index() const {
    const std::vector<std::string>* index = nullptr;
    for (const Block* block : blocks_)
        if (block->index) index = &*block->index;
    return index;
}

bool RulesFor::lists() const {
    bool lists = true;
    for (const Block* block : blocks_) lists = block->lists.value_or(lists);
    return lists;
}

std::string RulesFor::php() const {
    std::map<std::string, std::string> values;
    for (const Block* block : blocks_)
        for (const auto& [name, value] : block->php) values[name] = value;
    std::string lines;
    for (const auto& [name, value] : values) lines.append(name).append("=\"").append(value).append("\"\n");
    return lines;
}

RulesFor::Rules RulesFor::rewriting() const {
    if (!isRewriting()) return {};
    Rules result;
    bool inherits = true;
    for (auto step = way_.steps.rbegin(); step != way_.steps.rend() && inherits; ++step) {
        const Rewriting& rewriting = step->file->rewriting;
        if (!rewriting.is_set) continue;
        if (result.folder.empty()) {
            result.base = rewriting.base;
            result.folder = step->folder;
        }
        for (const RewriteRule& rule : rewriting.rules) result.rules.push_back(&rule);
        inherits = rewriting.inherits;
    }
    return result;
}

/// RewriteEngine goes down to folders that do not say.
bool RulesFor::isRewriting() const {
    for (auto step = way_.steps.rbegin(); step != way_.steps.rend(); ++step)
        if (step->file->rewriting.is_on) return *step->file->rewriting.is_on;
    return false;
}

}  // namespace turnpike::rewrite::htaccess
