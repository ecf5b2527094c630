#include "rules_for.h"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <utility>

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

/// What is not known is noted, and does not hold.
bool RulesFor::isSo(Found found, const Place& place, const char* section) {
    if (found == Found::TooMuch) undecided_ = {place, section};
    return found == Found::Yes;
}

bool RulesFor::holds(const Block& block, const std::string& name, const Subject& subject, Effort& effort) {
    const std::string_view method = text(subject.view().method);
    return std::ranges::all_of(block.methods, [&](const MethodTest& test) { return isFor(test, method); }) &&
           std::ranges::all_of(
               block.files,
               [&](const FileTest& test) { return isSo(isFor(test, name, effort), test.place, "<Files"); }) &&
           std::ranges::all_of(block.ifs, [&](const IfTest& test) {
               const Found found = test.expression->holds(subject, effort);
               return isSo(found, test.place, "<If") != test.is_negated && found != Found::TooMuch;
           });
}

/// As Apache has it: what stands outside of sections, those for files, and then <If>.
RulesFor::RulesFor(const Way& way, std::string_view name, const Subject& subject, Effort& effort) : way_(way) {
    const std::string owned(name);
    for (const Way::Step& step : way.steps) blocks_.push_back(&step.file->blocks[0]);
    for (const bool with_if : {false, true})
        for (const Way::Step& step : way.steps)
            for (size_t i = 1; i < step.file->blocks.size(); ++i) {
                const Block& block = step.file->blocks[i];
                if (block.ifs.empty() != with_if && holds(block, owned, subject, effort))
                    blocks_.push_back(&block);
            }
}

Admission RulesFor::admission() const {
    Admission admission;
    for (const Block* block : blocks_) {
        if (block->require) admission.require = &*block->require;
        if (block->order) admission.order = &*block->order;
        if (block->is_one_enough) admission.is_one_enough = *block->is_one_enough;
        admission.needs_tls = admission.needs_tls || block->needs_tls;
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

std::string_view RulesFor::fallback() const {
    std::string_view fallback;
    for (const Block* block : blocks_)
        if (block->fallback) fallback = *block->fallback;
    return fallback;
}

bool RulesFor::lists() const {
    bool lists = true;
    for (const Block* block : blocks_) lists = block->lists.value_or(lists);
    return lists;
}

bool RulesFor::addsSlash() const {
    bool adds = true;
    for (const Block* block : blocks_) adds = block->adds_slash.value_or(adds);
    return adds;
}

std::string RulesFor::php() const {
    std::map<std::string, std::string> values;
    for (const Block* block : blocks_)
        for (const auto& [name, value] : block->php) values[name] = value;
    std::string lines;
    for (const auto& [name, value] : values) lines.append(name).append("=\"").append(value).append("\"\n");
    return lines;
}

/// A section's rules stand in the place of the folder's. They are no folder's: patterns see the whole path.
RulesFor::Rules RulesFor::rewriting() const {
    if (!isRewriting()) return {};
    Rules result;
    bool is_first = true, inherits = true;
    const auto add = [&](const Rewriting& rewriting, std::string_view folder) {
        if (!rewriting.is_set || !inherits) return;
        if (std::exchange(is_first, false)) {
            result.base = rewriting.base;
            result.folder = folder;
            result.takes_no_slash = rewriting.takes_no_slash;
        }
        for (const RewriteRule& rule : rewriting.rules) result.rules.push_back(&rule);
        inherits = rewriting.inherits;
    };
    for (auto block = blocks_.rbegin(); block != blocks_.rend() - static_cast<std::ptrdiff_t>(way_.steps.size());
         ++block)
        add((*block)->rewriting, "");
    for (auto step = way_.steps.rbegin(); step != way_.steps.rend(); ++step)
        add(step->file->blocks[0].rewriting, step->folder);
    return result;
}

/// RewriteEngine goes down to folders and sections that do not say.
bool RulesFor::isRewriting() const {
    for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block)
        if ((*block)->rewriting.is_on) return *(*block)->rewriting.is_on;
    return false;
}

}  // namespace turnpike::rewrite::htaccess
