#include "rewriting.h"

#include <algorithm>
#include <cstdint>

#include "lines.h"
#include "sdk/support/escape.h"
#include "sdk/support/lists.h"
#include "target.h"

namespace turnpike::rewrite::htaccess {
namespace {

constexpr unsigned kMostRounds = 100;  // of the flag N

class Run {
 public:
    Run(const RunFor& what, Subject& subject)
        : what_(what), subject_(subject), file_(subject.file()), path_(text(subject.view().path)) {}

    Outcome all(const std::vector<const RewriteRule*>& rules) {
        unsigned rounds = 0;
        for (size_t i = 0; i < rules.size(); ++i) {
            const RewriteRule& rule = *rules[i];
            const Found found = applies(rule);
            if (found == Found::TooMuch) return giveUp(rule, what_.effort.isSpent() ? kSpent : kTooMuch);
            if (found == Found::No || (!what_.redirects && isRedirect(rule))) {
                while (i < rules.size() && rules[i]->is_chained) ++i;  // what is chained to it goes with it
                continue;
            }
            if (obey(rule)) return outcome_;
            if (rule.is_last) break;
            if (rule.is_next) {
                if (++rounds > kMostRounds) return giveUp(rule, "begins again too often");
                i = SIZE_MAX;  // the first one is next
            } else {
                i += rule.skip;
            }
        }
        finish();
        return outcome_;
    }

 private:
    static Outcome giveUp(const RewriteRule& rule, const char* why) {
        return {.kind = Outcome::Kind::GiveUp, .place = rule.place, .why = why};
    }

    /// What the pattern is held against: the path below the folder, or all of it when rules have left the folder.
    std::string_view below() const {
        const std::string_view path = path_;
        return path.starts_with(what_.folder) ? path.substr(what_.folder.size()) : path;
    }

    static bool isRedirect(const RewriteRule& rule) {
        const auto& target = rule.target.pieces();
        const bool leads_away =
            !target.empty() && target.front().what == Expansion::What::Text && isUrl(target.front().text);
        return (rule.status >= 300 && rule.status < 400) || (rule.status == 0 && leads_away);
    }

    Found applies(const RewriteRule& rule) {
        subject_text_ = below();
        const Found found = rule.pattern->find(subject_text_, groups_, what_.effort);
        if (found == Found::TooMuch) return found;
        if ((found == Found::Yes) == rule.is_negated) return Found::No;
        if (rule.is_negated) groups_.clear();
        condition_groups_.clear();
        return conditionsHold(rule.conditions);
    }

    Found conditionsHold(const std::vector<RewriteCondition>& conditions) {
        for (size_t i = 0; i < conditions.size(); ++i) {
            const Found found = holds(conditions[i]);
            if (found == Found::TooMuch) return found;
            if (found == Found::Yes) {
                while (i < conditions.size() && conditions[i].or_next) ++i;  // the others of these are not asked
            } else if (!conditions[i].or_next) {
                return Found::No;
            }
        }
        return Found::Yes;
    }

    Found holds(const RewriteCondition& condition) {
        if (condition.expression) return condition.expression->holds(subject_, what_.effort);
        std::string given;
        Captures captures;
        const Found found = htaccess::holds(condition.test, subject_, groups(), what_.effort, given, captures);
        if (found == Found::Yes && !captures.empty()) keep(std::move(given), captures);
        return found;
    }
    /// The captures are views into the text that was looked at, which must stay.
    void keep(std::string&& given, const Captures& captures) {
        std::vector<std::pair<size_t, size_t>> places;
        for (std::string_view capture : captures)
            places.emplace_back(capture.data() == nullptr ? 0 : static_cast<size_t>(capture.data() - given.data()),
                                capture.size());
        condition_text_ = std::move(given);
        condition_groups_.clear();
        for (const auto& [at, size] : places)
            condition_groups_.push_back(std::string_view(condition_text_).substr(at, size));
    }

    Expansion::Groups groups() const { return {groups_, condition_groups_}; }

    /// True: that was the last word.
    bool obey(const RewriteRule& rule) {
        outcome_.place = rule.place;
        outcome_.is_end = outcome_.is_end || rule.is_end;
        if (!rule.type.empty()) outcome_.type = rule.type;
        for (const auto& [name, value] : rule.variables) {
            if (!setVariable(subject_, name, value, groups(), what_.effort)) return decideToGiveUp(kSpent);
        }
        if (rule.status >= 400) return decide(Outcome::Kind::Refuse, rule.status, {});
        if (rule.is_pass && rule.status == 0) return false;
        takeTarget(rule);
        if (path_.size() + query_.size() > Expansion::kLongest)
            return decideToGiveUp("makes a target of more than 64 KiB");
        if (isUrl(path_) || rule.status != 0) return redirect(rule);
        subject_.moveTo(path_, query_);
        return false;
    }

    bool decideToGiveUp(const char* why) {
        outcome_.why = why;
        return decide(Outcome::Kind::GiveUp, 0, {});
    }

    void takeTarget(const RewriteRule& rule) {
        if (!is_changed_) query_ = text(subject_.view().query);
        if (rule.is_pass) return;
        is_changed_ = true;
        Target target = expandTarget(rule.target, subject_, groups(), rule.escapes_groups);
        if (target.has_query || rule.drops_query) {
            const bool has_both = rule.appends_query && !target.query.empty() && !query_.empty();
            query_ = rule.appends_query ? target.query + (has_both ? "&" : "") + query_ : target.query;
        }
        // A place on disk below the document root is meant as the path that leads there.
        const std::string root(text(subject_.view().document_root));
        if (!root.empty() && target.path.starts_with(root + "/")) target.path.erase(0, root.size());
        is_relative_ = !isUrl(target.path) && !target.path.starts_with('/');
        path_ = is_relative_ ? what_.folder + target.path : std::move(target.path);
    }
    /// Where the last target leads: one without a slash at its beginning lies below RewriteBase.
    std::string place() const {
        return is_relative_ && !what_.base.empty() ? what_.base + path_.substr(what_.folder.size()) : path_;
    }

    bool redirect(const RewriteRule& rule) {
        const std::string place = this->place();
        std::string location;
        if (isUrl(place)) {
            // The host is the file's word; what follows it is encoded.
            const size_t end = std::min(place.find('/', place.find("://") + 3), place.size());
            location = encoded(place.substr(0, end), rule.is_raw) + encoded(place.substr(end), rule.is_raw);
        } else {
            location = encoded(onThisHost(place), rule.is_raw);
        }
        if (!query_.empty()) location += "?" + query_;
        return decide(Outcome::Kind::Redirect, rule.status != 0 ? rule.status : 302, std::move(location));
    }

    bool decide(Outcome::Kind kind, unsigned status, std::string target) {
        outcome_.kind = kind;
        outcome_.status = status;
        outcome_.target = std::move(target);
        return true;
    }

    /// Rules that lead to where the request is, or to the file that it is about, have changed nothing.
    void finish() {
        const tp_request_view& view = subject_.view();
        if (!is_changed_) return;
        const std::string place = this->place();
        outcome_.is_here = place == text(view.path);
        if ((outcome_.is_here || place == file_) && query_ == text(view.query)) return;
        std::string target;
        support::appendPath(target, place);
        if (!query_.empty()) target += "?" + query_;
        decide(Outcome::Kind::Move, 0, std::move(target));
    }

    const RunFor& what_;
    Subject& subject_;
    const std::string file_;  // the path without its path info, before any rule
    std::string path_, query_;
    bool is_changed_ = false, is_relative_ = false;
    std::string subject_text_, condition_text_;
    Captures groups_, condition_groups_;
    Outcome outcome_;
};

}  // namespace

Outcome runRules(const std::vector<const RewriteRule*>& rules, const RunFor& what, Subject& subject) {
    return Run(what, subject).all(rules);
}

}  // namespace turnpike::rewrite::htaccess
