#include "guard.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <new>
#include <utility>

#include "../request_facts.h"
#include "field_change.h"
#include "lines.h"
#include "sdk/support/escape.h"
#include "sdk/support/lists.h"
#include "target.h"

namespace turnpike::rewrite::htaccess {
namespace {

/// What a file may tell programs: nothing that decides what is run, or with which rights.
bool isForPrograms(std::string_view name) {
    return !name.starts_with("PHP_") && !name.starts_with("LD_") && name != "PATH" && name != "IFS" &&
           name != "ENV" && name.find('-') == std::string_view::npos;
}

std::string withQuery(std::string target, std::string_view query) {
    if (!query.empty()) target.append(target.find('?') == std::string::npos ? "?" : "&").append(query);
    return target;
}

/// Redirect is for a path and what lies below it.
bool isBelow(std::string_view path, std::string_view prefix) {
    if (!path.starts_with(prefix)) return false;
    return path.size() == prefix.size() || prefix.ends_with('/') || path[prefix.size()] == '/';
}

/// The value that SetEnvIf looks at.
std::string subjectOf(const VariableRule& rule, const Subject& subject) {
    const std::string name = support::lowered(rule.subject);
    if (name == "remote_addr" || name == "remote_host") return subject.variable("REMOTE_ADDR");
    if (name == "request_uri") return subject.variable("REQUEST_URI");
    if (name == "request_method") return subject.variable("REQUEST_METHOD");
    if (name == "request_protocol") return subject.variable("SERVER_PROTOCOL");
    if (name == "server_addr") return subject.variable("SERVER_ADDR");
    const std::string value = subject.header(name);
    return value.empty() ? subject.variable("ENV:" + rule.subject) : value;
}

/// The same where a pattern names fields: the last of them counts.
Found lookAt(const VariableRule& rule, const Subject& subject, Effort& effort, std::string& value) {
    if (!rule.field_names) {
        value = subjectOf(rule, subject);
        return Found::Yes;
    }
    const tp_request_view& view = subject.view();
    for (uint32_t i = 0; i < view.field_count; ++i) {
        Captures captures;
        const Found found = rule.field_names->find(text(view.fields[i].name), captures, effort);
        if (found == Found::TooMuch) return found;
        if (found == Found::Yes) value = text(view.fields[i].value);
    }
    return Found::Yes;
}

/// As Apache hands them to the next path.
std::map<std::string, std::string> handedOn(const std::map<std::string, std::string>& environment) {
    std::map<std::string, std::string> result;
    for (const auto& [name, value] : environment) result.emplace("REDIRECT_" + name, value);
    return result;
}

}  // namespace

/// One pass of a request over its folders.
struct Guard::Asked {
    tp_request* request;
    const tp_request_view& view;
    Memory& memory;
    bool stands_in;  // the path is that of a file which was found for another one
    Subject& subject;
    const RulesFor& rules;
};

Guard::Memory* Guard::memoryOf(tp_request* request) {
    auto end = [](void* memory) { static_cast<Memory*>(memory)->~Memory(); };
    void* place = services_.requests.state(request, this, sizeof(Memory), end);
    if (place == nullptr) return nullptr;
    auto* memory = static_cast<Memory*>(place);
    if (memory->is_made) return memory;
    memory = new (place) Memory();
    memory->is_made = true;
    return memory;
}

tp_verdict Guard::onAccess(tp_request* request) {
    Memory* memory = memoryOf(request);
    if (memory == nullptr) return TP_FAILED;
    const tp_request_view& view = *services_.host.view(request);
    const std::string_view path = text(view.path);
    const bool stands_in = services_.requests.stands_in(request) != 0;
    const auto environment = std::exchange(memory->visit, {}).environment;
    memory->visit.environment = memory->rests || stands_in ? environment : handedOn(environment);
    memory->way = folders_.find(request, path, text(view.document_root));
    if (!stands_in) ++memory->passes;
    if (memory->way.steps.empty()) {
        tellVariables(request, memory->visit);
        return TP_DECLINED;
    }
    for (const Way::Step& step : memory->way.steps) {
        if (step.file->error.empty()) continue;
        // Why was said when the file was read.
        services_.host.fail(request, 500, str("the folder is closed by " + step.file->place));
        return TP_FAILED;
    }
    const size_t end = std::min(path.find('/', memory->way.folder_size), path.size());
    memory->visit.file = path.substr(0, end);
    memory->visit.name = path.substr(memory->way.folder_size, end - memory->way.folder_size);
    Subject subject = subjectFor(request, *memory);
    RulesFor rules(memory->way, memory->visit.name, subject, memory->effort);
    Asked asked{request, view, *memory, stands_in, subject, rules};
    memory->visit.blocks = asked.rules.blocks();
    return ask(asked);
}

void Guard::onResponse(tp_request* request) {
    Memory* memory = memoryOf(request);
    if (memory == nullptr || memory->visit.blocks.empty()) return;
    Subject subject = subjectFor(request, *memory);
    subject.setAnswerOf(services_.host);
    changeAnswer(services_.host, request, memory->visit, subject, memory->effort);
}

Subject Guard::subjectFor(tp_request* request, Memory& memory) const {
    return {services_.io,      request,           *services_.host.view(request),
            memory.visit.file, memory.passes > 1, memory.visit.environment};
}

tp_verdict Guard::ask(Asked& asked) {
    if (const auto& undecided = asked.rules.undecided())
        return giveUp(asked, undecided->place, undecided->section);
    nameErrorPages(asked);
    if (const Place* place = setVariables(asked, true)) return giveUp(asked, *place, "SetEnvIf");
    Entry entry{asked.subject, asked.memory.effort};
    const std::string why_not = refusal(asked.rules.admission(), entry);
    if (entry.is_undecided) return fail(asked, 500, files(asked) + "Require expr " + whyGivenUp(asked));
    if (!why_not.empty()) return fail(asked, 403, files(asked) + why_not);
    if (const std::string why = asked.rules.scripts().refusal(asked.memory.visit.name); !why.empty())
        return fail(asked, 403, files(asked) + why);
    if (const tp_verdict verdict = rewrite(asked); verdict != TP_DECLINED) return verdict;
    if (const tp_verdict verdict = findIndex(asked); verdict != TP_DECLINED) return verdict;
    if (const Place* place = setVariables(asked, false)) return giveUp(asked, *place, "SetEnv");
    tellVariables(asked.request, asked.memory.visit);
    changeFields(asked);
    if (const std::string php = asked.rules.php(); !php.empty())
        services_.requests.set_variable(asked.request, str("PHP_VALUE"), str(php));
    return TP_DECLINED;
}

void Guard::nameErrorPages(const Asked& asked) {
    std::map<unsigned, std::string> pages;
    for (const Block* block : asked.rules.blocks())
        for (const auto& [status, page] : block->error_pages) pages[status] = page;
    for (const auto& [status, page] : pages)
        if (!page.empty()) services_.requests.set_error_page(asked.request, status, str(page));
}

/// Rules first; but Redirect is asked for the path that came, before rules take it elsewhere inside the site.
tp_verdict Guard::rewrite(Asked& asked) {
    const RulesFor::Rules rules = asked.rules.rewriting();
    Outcome outcome;
    const bool rests = std::exchange(asked.memory.rests, false);
    // A folder without its slash is none yet for its own rules, and what leads elsewhere inside the site waits
    // until the client has asked for the one with a slash.
    const std::string_view path = text(asked.view.path);
    const bool lacks_slash = asked.memory.visit.name.empty() && !path.ends_with('/');
    const bool is_outside = lacks_slash && !rules.takes_no_slash && rules.folder.size() > path.size();
    if (!asked.memory.is_ended && !rests && !rules.rules.empty() && !is_outside)
        outcome = runRules(rules.rules, {asked.memory.effort, rules.base, rules.folder, !asked.stands_in},
                           asked.subject);
    asked.memory.is_ended = asked.memory.is_ended || outcome.is_end;
    asked.memory.visit.type = outcome.type;
    const std::string where = outcome.place.shown() + ": RewriteRule";
    if (outcome.kind == Outcome::Kind::GiveUp) return fail(asked, 500, where + " " + outcome.why);
    if (outcome.kind == Outcome::Kind::Refuse) return fail(asked, outcome.status, where + " refuses");
    if (outcome.kind == Outcome::Kind::Redirect) return sendTo(asked, outcome.status, outcome.target);
    if (const tp_verdict verdict = redirect(asked); verdict != TP_DECLINED) return verdict;
    const bool stays = asked.stands_in && outcome.is_here;  // its query was the other path's
    if (outcome.kind != Outcome::Kind::Move || stays || (lacks_slash && asked.rules.addsSlash()))
        return TP_DECLINED;
    asked.memory.rests = outcome.is_here;
    return moveTo(asked, outcome.target, where);
}

/// The deepest folder's come first.
tp_verdict Guard::redirect(const Asked& asked) {
    const auto& blocks = asked.rules.blocks();
    for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
        for (const Redirection& redirection : (*block)->redirections)
            if (const tp_verdict verdict = redirect(asked, redirection); verdict != TP_DECLINED) return verdict;
    return TP_DECLINED;
}

tp_verdict Guard::redirect(const Asked& asked, const Redirection& redirection) {
    const std::string_view path = text(asked.view.path), prefix = redirection.prefix;
    Captures captures;
    if (redirection.pattern) {
        const Found found = redirection.pattern->find(path, captures, asked.memory.effort);
        if (found == Found::TooMuch) return giveUp(asked, redirection.place, "RedirectMatch");
        if (found == Found::No) return TP_DECLINED;
    } else if (!isBelow(path, prefix)) {
        return TP_DECLINED;
    }
    if (redirection.status >= 400) return fail(asked, redirection.status, files(asked) + "Redirect refuses");
    if (asked.stands_in) return TP_DECLINED;
    const Captures none;
    const Target target = expandTarget(redirection.target, asked.subject, {captures, none}, false);
    // Without a pattern the target is the file's own text, escaped where it needs to be.
    std::string location = encoded(target.path, !redirection.pattern);
    if (!redirection.pattern) location += encoded(path.substr(prefix.size()), false);
    if (!isUrl(location)) location = onThisHost(location);
    if (target.has_query)
        location += "?" + target.query;
    else
        location = withQuery(location, text(asked.view.query));
    return sendTo(asked, redirection.status, location);
}

tp_verdict Guard::sendTo(const Asked& asked, uint32_t status, const std::string& location) {
    asked.memory.visit.is_own = true;
    const tp_field fields[] = {{str("location"), str(location)}};
    if (services_.host.start(asked.request, status, fields, 1, 0) < 0) return TP_FAILED;
    services_.host.send(asked.request, nullptr, 0, TP_LAST);
    return TP_DONE;
}

tp_verdict Guard::moveTo(const Asked& asked, const std::string& target, const std::string& why) {
    const int32_t result = services_.host.rewrite(asked.request, str(target));
    if (result == 0) return TP_PENDING;
    return fail(asked, 500,
                result == -ELOOP ? why + " leads round in a circle" : why + " cannot lead to \"" + target + "\"");
}

/// DirectoryIndex, and Options -Indexes where the folder has no page.
tp_verdict Guard::findIndex(const Asked& asked) {
    const std::string path(text(asked.view.path));
    if (!path.ends_with('/') || !asked.memory.visit.name.empty()) return fallBack(asked);
    if (const std::vector<std::string>* names = asked.rules.index()) {
        for (const std::string& name : *names) {
            const std::string page = name.starts_with('/') ? name : path + name;
            if (!exists(services_.io, asked.request, page)) continue;
            std::string target;
            support::appendPath(target, page);
            return moveTo(asked, withQuery(target, text(asked.view.query)), files(asked) + "DirectoryIndex");
        }
    }
    const bool lists = asked.rules.lists();
    if (lists && asked.rules.fallback().empty()) return TP_DECLINED;
    const bool has_page = std::ranges::any_of(
        index_, [&](const std::string& name) { return exists(services_.io, asked.request, path + name); });
    if (has_page) return TP_DECLINED;
    if (const tp_verdict verdict = fallBack(asked); verdict != TP_DECLINED) return verdict;
    return lists ? TP_DECLINED : fail(asked, 403, files(asked) + "Options -Indexes: the folder has no page");
}

/// FallbackResource, for what is not there, a folder's page among it. Programs say themselves what is not.
tp_verdict Guard::fallBack(const Asked& asked) {
    const std::string resource(asked.rules.fallback()), root(text(asked.view.document_root));
    const std::string& name = asked.memory.visit.name;
    if (resource.empty() || asked.stands_in || isProgram(name)) return TP_DECLINED;
    const bool lacks_slash = name.empty() && !text(asked.view.path).ends_with('/');
    if (lacks_slash || (!name.empty() && asked.subject.typeOf(root + asked.memory.visit.file) != 0))
        return TP_DECLINED;
    if (resource == text(asked.view.path) || !exists(services_.io, asked.request, resource)) return TP_DECLINED;
    std::string target;
    support::appendPath(target, resource);
    return moveTo(asked, withQuery(target, text(asked.view.query)), files(asked) + "FallbackResource");
}

/// RequestHeader: for the program that answers.
void Guard::changeFields(const Asked& asked) {
    for (const Block* block : asked.rules.blocks())
        for (const HeaderChange& change : block->request_headers) changeField(asked, change);
}

void Guard::changeField(const Asked& asked, const HeaderChange& change) {
    std::vector<std::string> values;
    if (asked.subject.hasHeader(change.name)) values.push_back(asked.subject.header(change.name));
    const Found found = htaccess::changeField(change, asked.subject, asked.memory.effort, values);
    if (found == Found::No) return;
    std::string why = whyGivenUp(asked);
    if (found == Found::Yes) {
        const std::string given = joined(values);
        const tp_str value = str(given);
        if (services_.requests.set_request_field(asked.request, str(change.name),
                                                 values.empty() ? nullptr : &value) == 0)
            return;
        why = "has a value that no field can have";
    }
    why = change.place.shown() + ": RequestHeader " + change.name + " was left out: it " + why;
    services_.host.log_request(asked.request, TP_LOG_WARN, str(why));
}

/// For causes that do not say which of the files it was.
std::string Guard::files(const Asked& asked) {
    const auto& steps = asked.memory.way.steps;
    return steps.back().file->path + (steps.size() > 1 ? " or one above it: " : ": ");
}

tp_verdict Guard::fail(const Asked& asked, uint32_t status, const std::string& cause) {
    asked.memory.visit.is_own = true;
    services_.host.fail(asked.request, status, str(cause));
    return TP_FAILED;
}

const char* Guard::whyGivenUp(const Asked& asked) { return asked.memory.effort.isSpent() ? kSpent : kTooMuch; }

tp_verdict Guard::giveUp(const Asked& asked, const Place& place, const std::string& directive) {
    return fail(asked, 500, place.shown() + ": " + directive + " " + whyGivenUp(asked));
}

/// SetEnvIf comes before anything is asked, SetEnv after all: neither Require nor a rule sees what it sets. Null,
/// or where it had to give up.
const Place* Guard::setVariables(Asked& asked, bool is_early) {
    Effort& effort = asked.memory.effort;
    for (const Block* block : asked.rules.blocks()) {
        for (const VariableRule& rule : block->variables) {
            if (rule.pattern.has_value() != is_early) continue;
            Captures captures;
            std::string looked_at;
            if (rule.pattern) {
                if (lookAt(rule, asked.subject, effort, looked_at) == Found::TooMuch) return &rule.place;
                const Found found = rule.pattern->find(looked_at, captures, effort);
                if (found == Found::TooMuch) return &rule.place;
                if (found == Found::No) continue;
            }
            const Captures none;
            for (const auto& [name, value] : rule.sets)
                if (!setVariable(asked.subject, name, value, {captures, none}, effort)) return &rule.place;
        }
    }
    return nullptr;
}

void Guard::tellVariables(tp_request* request, const Visit& visit) {
    for (const auto& [name, value] : visit.environment)
        if (isForPrograms(name)) services_.requests.set_variable(request, str(name), str(value));
}

}  // namespace turnpike::rewrite::htaccess
