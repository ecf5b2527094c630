#include "server/site.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cstring>

namespace turnpike::server {
namespace {

/// Bounds the work of one match: a hostile path must not hang a worker.
constexpr uint32_t kMatchLimit = 10'000;

pcre2_match_data* matchData() {
    struct Data {
        pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
        ~Data() { pcre2_match_data_free(data); }
    };
    static thread_local Data data;
    return data.data;
}

pcre2_match_context* matchContext() {
    struct Context {
        pcre2_match_context* context = pcre2_match_context_create(nullptr);
        Context() { pcre2_set_match_limit(context, kMatchLimit); }
        ~Context() { pcre2_match_context_free(context); }
    };
    static thread_local Context context;
    return context.context;
}

Pattern compile(const config::Route& route, std::vector<config::Problem>& problems) {
    int error = 0;
    PCRE2_SIZE offset = 0;
    const std::string& text = route.match.pattern;
    pcre2_code* code =
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), PCRE2_UTF, &error, &offset, nullptr);
    if (code == nullptr) {
        PCRE2_UCHAR message[128];
        pcre2_get_error_message(error, message, sizeof message);
        problems.push_back({route.use.at, "pattern: " + std::string(reinterpret_cast<char*>(message)) +
                                              " at character " + std::to_string(offset + 1)});
        return nullptr;
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // falls back to the interpreter by itself
    return Pattern(code);
}

os::Fd openRoot(const std::string& path, const config::Position& at, std::vector<config::Problem>& problems) {
    int fd = os::open(path, O_PATH | O_DIRECTORY, 0, os::Class::File);
    if (fd < 0) problems.push_back({at, "cannot open root " + path + ": " + std::strerror(-fd)});
    return os::Fd(fd, os::Class::File);
}

std::unique_ptr<Site> makeSite(const config::Site& config, uint32_t index,
                               std::vector<config::Problem>& problems) {
    auto site = std::make_unique<Site>();
    site->config = &config;
    site->index = index;
    if (!config.root.empty()) site->root = openRoot(config.root, config.at, problems);
    for (const config::Route& r : config.routes) {
        Route route;
        route.config = &r;
        if (!r.root.empty()) route.root = openRoot(r.root, r.use.at, problems);
        if (!r.match.pattern.empty()) route.pattern = compile(r, problems);
        site->routes.push_back(std::move(route));
    }
    return site;
}

}  // namespace

void PatternDeleter::operator()(pcre2_real_code_8* code) const { pcre2_code_free(code); }

namespace {
/// A script's name may be followed by path info: "/index.php/news".
bool hasSuffix(std::string_view path, std::string_view suffix) {
    for (size_t at = path.find(suffix); at != std::string_view::npos; at = path.find(suffix, at + 1)) {
        size_t end = at + suffix.size();
        if (end == path.size() || path[end] == '/') return true;
    }
    return false;
}
}  // namespace

bool Route::matches(std::string_view path) const {
    const config::Match& m = config->match;
    if (!m.exact.empty() && path != m.exact) return false;
    if (!m.prefix.empty() && !path.starts_with(m.prefix)) return false;
    if (!m.suffix.empty() && !hasSuffix(path, m.suffix)) return false;
    if (!pattern) return true;
    return pcre2_match(pattern.get(), reinterpret_cast<PCRE2_SPTR>(path.data()), path.size(), 0,
                       PCRE2_NO_UTF_CHECK, matchData(), matchContext()) >= 0;
}

SiteTable::SiteTable(const config::Snapshot& snapshot, std::vector<config::Problem>& problems) {
    for (const config::Site& config : snapshot.sites) {
        auto index = static_cast<uint32_t>(sites_.size());
        sites_.push_back(makeSite(config, index, problems));
        const Site* site = sites_.back().get();
        for (const std::string& host : config.hosts) {
            if (host == "*")
                default_ = site;
            else if (host.starts_with("*."))
                suffixes_.emplace(host.substr(1), site);
            else
                exact_.emplace(host, site);
        }
    }
}

const Site* SiteTable::find(std::string_view host) const {
    if (exact_.empty() && suffixes_.empty()) return default_;
    if (host.ends_with('.')) host.remove_suffix(1);  // the root of all names: "example.org." is the same host
    if (auto found = exact_.find(host); found != exact_.end()) return found->second;
    if (!suffixes_.empty()) {
        for (auto dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1))
            if (auto found = suffixes_.find(host.substr(dot)); found != suffixes_.end()) return found->second;
    }
    return default_;
}

}  // namespace turnpike::server
