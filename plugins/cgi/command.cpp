#include "command.h"

#include <algorithm>
#include <charconv>

namespace turnpike::cgi {
namespace {

/// False: no argument can be made of it.
bool decode(std::string_view word, std::string& to) {
    for (size_t i = 0; i < word.size(); ++i) {
        if (word[i] != '%') {
            to += word[i];
            continue;
        }
        unsigned byte = 0;
        std::string_view digits = word.substr(i + 1, 2);
        auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() < 2 || error != std::errc() || end != digits.data() + 2 || byte == 0) return false;
        to += static_cast<char>(byte);
        i += 2;
    }
    return !to.starts_with('-');
}

}  // namespace

std::vector<std::string> indexedWords(const tp_request_view& view) {
    std::string_view query = text(view.query);
    bool has_method = view.method_id == TP_METHOD_GET || view.method_id == TP_METHOD_HEAD;
    if (!has_method || query.empty() || query.find('=') != query.npos) return {};
    std::vector<std::string> words;
    for (size_t begin = 0; begin <= query.size();) {
        size_t end = std::min(query.find('+', begin), query.size());
        if (!decode(query.substr(begin, end - begin), words.emplace_back())) return {};
        begin = end + 1;
    }
    return words;
}

tp_spawn Command::build(const tp_request_view& view, const gateway::Script& script, uint64_t content_length) {
    argv_.clear();
    for (const std::string& part : settings_.interpreter) argv_.push_back(str(part));
    argv_.push_back(str(script.filename));
    if (settings_.indexed_query) {
        words_ = indexedWords(view);
        for (const std::string& word : words_) argv_.push_back(str(word));
    }
    variables_.clear();
    gateway::meta(view, script, content_length, settings_.pass_authorization, settings_.env, variables_);
    env_.clear();
    for (size_t i = 0; i < variables_.size(); ++i) env_.push_back(str(variables_.entry(i)));
    tp_spawn spawn{};
    spawn.struct_size = sizeof spawn;
    spawn.directory =
        str(std::string_view(script.filename).substr(0, std::max<size_t>(script.filename.rfind('/'), 1)));
    spawn.argv = argv_.data();
    spawn.argc = argv_.size();
    spawn.env = env_.data();
    spawn.envc = env_.size();
    spawn.cpu_seconds = settings_.cpu_seconds;
    spawn.memory_bytes = settings_.limits.memory_bytes;
    spawn.file_bytes = settings_.limits.file_bytes;
    spawn.open_files = settings_.limits.open_files;
    spawn.processes = settings_.limits.processes;
    spawn.cgroup_memory_bytes = settings_.group_limits.memory_bytes;
    spawn.cgroup_processes = settings_.group_limits.processes;
    return spawn;
}

}  // namespace turnpike::cgi
