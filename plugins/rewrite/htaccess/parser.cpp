#include "parser.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>

#include "parsing.h"
#include "sdk/support/lists.h"
#include "target.h"

namespace turnpike::rewrite::htaccess {
namespace {

constexpr size_t kDeepest = 16;

// Apache's modules whose directives are obeyed, or close the folder: what stands in <IfModule> must not be passed
// over where it keeps somebody out. Those of passwords and TLS are among them for that, and those of earlier PHP,
// by which files turn scripts off. Files say within those of compression what else an encoded file needs.
constexpr std::string_view kModules[] = {"access_compat", "alias",      "auth_basic",
                                         "auth_digest",   "authn_core", "authn_file",
                                         "authz_core",    "authz_host", "authz_groupfile",
                                         "authz_user",    "autoindex",  "brotli",
                                         "cgi",           "cgid",       "deflate",
                                         "dir",           "env",        "expires",
                                         "filter",        "headers",    "mime",
                                         "negotiation",   "php",        "php5",
                                         "php7",          "rewrite",    "setenvif",
                                         "ssl",           "version"};

/// "mod_rewrite.c" or "rewrite_module".
bool isThere(std::string_view module) {
    constexpr std::string_view kBegin = "mod_", kEnd = ".c", kOtherEnd = "_module";
    if (module.starts_with(kBegin) && module.ends_with(kEnd))
        module = module.substr(kBegin.size(), module.size() - kBegin.size() - kEnd.size());
    else if (module.ends_with(kOtherEnd))
        module.remove_suffix(kOtherEnd.size());
    else
        return false;
    return std::ranges::find(kModules, module) != std::end(kModules);
}

// Compiling a pattern takes time, and this is the loop.
constexpr size_t kMostPatterns = 1000;
constexpr size_t kMostElseIfs = 20;  // each carries those before it along

/// How many patterns a line may hold: an expression has a "~" before each of its own.
size_t patternsOf(const Line& line) {
    constexpr std::string_view kSingle[] = {
        "rewriterule",        "rewritecond", "setenvif", "setenvifnocase", "redirectmatch", "browsermatch",
        "browsermatchnocase", "<filesmatch", "<files",   "header",         "requestheader"};
    constexpr std::string_view kExpressions[] = {"<if",    "<elseif",       "require",
                                                 "header", "requestheader", "rewritecond"};
    const bool has_expression = std::ranges::find(kExpressions, line.name) != std::end(kExpressions);
    const auto in_expressions = has_expression ? std::ranges::count(line.rest, '~') : 0;
    return (std::ranges::find(kSingle, line.name) != std::end(kSingle) ? 1 : 0) +
           static_cast<size_t>(in_expressions);
}

/// <IfVersion [=|==|>|>=|<|<=|!=...] 2.4>: as Apache 2.4, of which everything is understood.
bool isVersion(const Line& line) {
    expectArguments(line, 1, 2);
    const std::string op = line.arguments.size() == 2 ? line.arguments[0] : "=";
    int wanted[2] = {0, 0};
    const std::string& text = line.arguments.back();
    const char* end = text.data() + text.size();
    auto [rest, error] = std::from_chars(text.data(), end, wanted[0]);
    if (error == std::errc() && rest != end && *rest == '.') std::from_chars(rest + 1, end, wanted[1]);
    const int order = wanted[0] != 2 ? 2 - wanted[0] : 4 - wanted[1];
    if (op == "=" || op == "==") return order == 0;
    if (op == "!=" || op == "!==") return order != 0;
    if (op == ">") return order > 0;
    if (op == ">=") return order >= 0;
    if (op == "<") return order < 0;
    if (op == "<=") return order <= 0;
    throw std::invalid_argument("compares with \"" + op + "\"");
}

class Parser {
 public:
    explicit Parser(File& file) : file_(file) {}

    void run(std::string_view content) {
        for (const Line& line : readLines(content, file_.path)) {
            try {
                take(line);
            } catch (const std::invalid_argument& wrong) {
                throw Mistake(line.number, line.shown + ": " + wrong.what());
            }
            last_ = line.number;
        }
        if (!open_.empty()) throw Mistake(last_, open_.back().name + "> is not closed");
        try {
            rewrites_.finish();
        } catch (const std::invalid_argument& wrong) {
            throw Mistake(last_, wrong.what());
        }
    }

 private:
    /// A section that is open. What it holds goes to `block`, or into `require`.
    struct Open {
        std::string name;  // "<files"
        bool is_skipped = false;
        size_t block = 0;
        Requirement* require = nullptr;
        bool is_container = false;  // that one's own
    };

    Block& block() { return file_.blocks[open_.empty() ? 0 : open_.back().block]; }
    bool isSkipping() const { return !open_.empty() && open_.back().is_skipped; }

    void take(const Line& line) {
        if (!isSkipping() && (patterns_ += patternsOf(line)) > kMostPatterns)
            throw std::invalid_argument("is one pattern too many: a file may have 1000");
        if (line.name.starts_with("</")) return close(line);
        if (line.name.starts_with('<')) return open(line);
        if (isSkipping()) return;
        if (line.name == "require") return takeRequire(parseRequire(line));
        if (inContainer()) throw std::invalid_argument("does not belong into " + open_.back().name + ">");
        if (parseRewriting(line)) return;
        if (parseAccess(line, block()) || parseHeaders(line, block()) || parseTypes(line, block()) ||
            parseRedirects(line, block()) || parseOthers(line, block()))
            return;
        throw std::invalid_argument("is not understood");
    }
    bool parseRewriting(const Line& line) {
        // <Limit> is no section of its own in Apache, for rules least of all.
        const bool is_section = !block().files.empty() || !block().ifs.empty();
        Rewriting& rewriting = (is_section ? block() : file_.blocks[0]).rewriting;
        if (!rewrites_.parse(line, rewriting)) return false;
        if (is_section && line.name == "rewriterule" && leadsBelowFolder(rewriting.rules.back()))
            throw std::invalid_argument(
                "leads to a place below a folder, and a section is none: \"/...\" is understood");
        return true;
    }
    static bool leadsBelowFolder(const RewriteRule& rule) {
        if (rule.is_pass || rule.status >= 400 || rule.target.isEmpty()) return false;
        const Expansion::Piece& first = rule.target.pieces().front();
        return first.what == Expansion::What::Text ? !first.text.starts_with('/') && !isUrl(first.text)
                                                   : first.what != Expansion::What::Variable;
    }
    bool inContainer() const { return !open_.empty() && open_.back().require != nullptr; }

    void takeRequire(Requirement requirement) {
        if (inContainer()) return static_cast<void>(open_.back().require->parts.push_back(std::move(requirement)));
        if (!block().require) block().require.emplace();  // lines that stand alone: one of them is enough
        block().require->parts.push_back(std::move(requirement));
    }

    void close(const Line& line) {
        const std::string name = "<" + line.name.substr(2);
        if (open_.empty() || open_.back().name != name)
            throw std::invalid_argument(open_.empty() ? "nothing is open"
                                                      : "closes what " + open_.back().name + "> has opened");
        const Open closed = open_.back();
        open_.pop_back();
        if (!closed.is_container) return;
        Requirement done = std::move(*pending_.back());
        pending_.pop_back();
        takeRequire(std::move(done));
    }

    void open(const Line& line) {
        if (open_.size() >= kDeepest) throw std::invalid_argument("sections stand too deep in each other");
        Open next{line.name, isSkipping(), open_.empty() ? 0 : open_.back().block,
                  open_.empty() ? nullptr : open_.back().require};
        if (!next.is_skipped) enter(line, next);
        open_.push_back(std::move(next));
    }

    void enter(const Line& line, Open& next) {
        const auto negated = [&line](bool holds) { return line.arguments.at(0).starts_with('!') != holds; };
        if (line.name == "<ifmodule") {
            expectArguments(line, 1, 1);
            const std::string& name = line.arguments[0];
            next.is_skipped = !negated(isThere(name.substr(name.starts_with('!') ? 1 : 0)));
        } else if (line.name == "<ifdefine") {
            expectArguments(line, 1, 1);
            next.is_skipped = !negated(false);  // nothing is defined
        } else if (line.name == "<ifversion") {
            next.is_skipped = !isVersion(line);
        } else if (line.name == "<files" || line.name == "<filesmatch") {
            enterBlock(next).files.push_back(fileTest(line));
        } else if (line.name == "<limit" || line.name == "<limitexcept") {
            expectArguments(line, 1, 20);
            Block& inner = enterBlock(next);
            inner.methods.push_back({line.arguments, line.name == "<limitexcept"});
            // These are no section of their own in Apache: what Order says around them holds in them.
            inner.order = block().order;
        } else if (line.name == "<if" || line.name == "<elseif" || line.name == "<else") {
            enterIf(line, next);
        } else if (line.name == "<requireall" || line.name == "<requireany" || line.name == "<requirenone") {
            using Kind = Requirement::Kind;
            pending_.push_back(std::make_unique<Requirement>());
            pending_.back()->kind = line.name == "<requireall"   ? Kind::All
                                    : line.name == "<requireany" ? Kind::Any
                                                                 : Kind::None;
            next.require = pending_.back().get();
            next.is_container = true;
        } else {
            throw std::invalid_argument("is not understood");
        }
    }

    /// <ElseIf> and <Else> are for what none of those before them, since <If>, was for.
    void enterIf(const Line& line, Open& next) {
        const bool is_else = line.name == "<else";
        expectArguments(line, is_else ? 0 : 1, is_else ? 0 : 1);
        std::vector<IfTest>& before = ifs_[next.block];
        if (line.name == "<if") before.clear();
        if (line.name != "<if" && before.empty()) throw std::invalid_argument("no <If> stands before it");
        if (before.size() > kMostElseIfs)
            throw std::invalid_argument("is one too many: an <If> may have 20 of them");
        std::vector<IfTest>& ifs = enterBlock(next).ifs;
        ifs.insert(ifs.end(), before.begin(), before.end());
        if (is_else) return before.clear();
        ifs.push_back({std::make_shared<const Expression>(line.arguments[0]), false, line.place()});
        before.push_back(ifs.back());
        before.back().is_negated = true;
    }

    Block& enterBlock(Open& next) {
        if (inContainer()) throw std::invalid_argument("does not belong into " + open_.back().name + ">");
        Block inner;
        inner.files = file_.blocks[next.block].files;
        inner.methods = file_.blocks[next.block].methods;
        inner.ifs = file_.blocks[next.block].ifs;
        next.block = file_.blocks.size();
        file_.blocks.push_back(std::move(inner));
        return file_.blocks.back();
    }

    static FileTest fileTest(const Line& line) {
        expectArguments(line, 1, 2);
        const bool is_pattern = line.name == "<filesmatch" || line.arguments[0] == "~";
        if (line.arguments.size() == 2 && line.arguments[0] != "~")
            throw std::invalid_argument("takes one name, in quotes where it holds spaces");
        FileTest test;
        test.place = line.place();
        if (is_pattern)
            test.pattern = parsePattern(line.arguments.back());
        else
            test.glob = line.arguments.back();
        return test;
    }

    File& file_;
    RewriteParser rewrites_;
    std::vector<Open> open_;
    std::vector<std::unique_ptr<Requirement>> pending_;  // of the containers that are open
    std::map<size_t, std::vector<IfTest>> ifs_;          // of a block: the last <If> with its <ElseIf>s, negated
    unsigned last_ = 1;
    size_t patterns_ = 0;
};

}  // namespace

File closedFile(const std::string& path, const std::string& why) {
    File file;
    file.path = file.place = path;
    file.error = path + ": " + why;
    return file;
}

File parse(std::string_view content, const std::string& path) {
    if (content.size() > kLargestFile) return closedFile(path, kNoFile);
    File file;
    file.path = path;
    try {
        Parser(file).run(content);
    } catch (const Mistake& mistake) {
        file.line = mistake.line;
        file.place = path + ":" + std::to_string(mistake.line);
        file.error = file.place + ": " + mistake.what();
    }
    return file;
}

void expectArguments(const Line& line, size_t least, size_t most) {
    const size_t count = line.arguments.size();
    if (count >= least && count <= most) return;
    throw std::invalid_argument("has " + std::to_string(count) + " arguments, not " + std::to_string(least) +
                                (most == least ? "" : " to " + std::to_string(most)));
}

bool parseSwitch(const Line& line) {
    expectArguments(line, 1, 1);
    const std::string given = support::lowered(line.arguments[0]);
    if (given != "on" && given != "off") throw std::invalid_argument("is \"on\" or \"off\"");
    return given == "on";
}

Pattern parsePattern(std::string_view text, bool ignores_case) {
    try {
        return {text, {.ignores_case = ignores_case, .is_utf = false}};
    } catch (const std::invalid_argument& wrong) {
        throw std::invalid_argument("\"" + std::string(text) + "\": " + wrong.what());
    }
}

std::invalid_argument notHere(const std::string& what, const std::string& instead) {
    return std::invalid_argument(what + " cannot be honoured here: " + instead);
}

}  // namespace turnpike::rewrite::htaccess
