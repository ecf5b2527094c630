#include "sdk/fastcgi/target.h"

#include <functional>

namespace turnpike::fastcgi {

bool Target::resolve(Exchange& exchange) {
    if (!rules_.only_scripts) {
        exchange.script.filename.clear();
        return gateway::scriptAtPrefix(*exchange.view, exchange.script);
    }
    if (!resolvePhp(exchange)) return false;
    // A folder's page: access hooks may have a word about its own name, and then the request comes again with it.
    return !text(exchange.view->path).ends_with('/') || exchange.script.name.size() <= exchange.view->path.len ||
           services_.requests->go_on_as(exchange.request, str(exchange.script.name)) == 0;
}

bool Target::find(Exchange& exchange, std::string_view path) const {
    return gateway::findScript(*services_.io, exchange.request, text(exchange.view->document_root), path,
                               suffixes_, false, exchange.script) == 0;
}

bool Target::resolvePhp(Exchange& exchange) {
    std::string_view path = text(exchange.view->path);
    bool is_folder = path.ends_with('/');
    if (!is_folder && path.find(".php") == std::string_view::npos) return false;
    Found& found = found_[std::hash<std::string_view>()(path) % found_.size()];
    uint64_t now = exchange.view->received_ns;
    if (found.path == path && now < found.until_ns) {
        exchange.script = found.script;
        return true;
    }
    bool is_found = path.find(".php") != std::string_view::npos && find(exchange, path);
    for (size_t i = 0; !is_found && is_folder && i < rules_.index.size(); ++i)
        is_found = find(exchange, std::string(path) + rules_.index[i]);
    if (!is_found) return false;
    found.path = path;
    found.script = exchange.script;
    found.until_ns = now + kKeepNs;
    return true;
}

void Target::encode(Exchange& exchange, uint64_t length) {
    variables_.clear();
    gateway::meta(*exchange.view, exchange.script, length, rules_.pass_authorization, rules_.params, variables_);
    std::string& head = exchange.outbound.head();
    appendBegin(head, rules_.keep);
    ParamsWriter params(head, variables_.textSize() + ParamsWriter::kMostLengths * variables_.size());
    for (size_t i = 0; i < variables_.size(); ++i) params.add(variables_.name(i), variables_.value(i));
    params.finish();
}

}  // namespace turnpike::fastcgi
