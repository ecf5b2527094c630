// rules_for.h - what the files on a request's way say together: later ones win over earlier ones, sections over
// files.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admission.h"
#include "folders.h"
#include "model.h"

namespace turnpike::rewrite::htaccess {

class RulesFor {
 public:
    /// `name`: of the file that is asked for, without its folder; empty for a folder.
    RulesFor(const Way& way, std::string_view name, const Subject& subject, Effort& effort);

    /// A section of which nobody knows whether it is for the request.
    struct Undecided {
        Place place;
        const char* section;
    };
    const std::optional<Undecided>& undecided() const { return undecided_; }

    const std::vector<const Block*>& blocks() const { return blocks_; }
    Admission admission() const;
    Scripts scripts() const;
    /// Null: the files do not say.
    const std::vector<std::string>* index() const;
    /// FallbackResource; empty: none.
    std::string_view fallback() const;
    /// False only where a file forbids lists.
    bool lists() const;
    /// Whether a folder that was asked for without its slash gets one before rules lead elsewhere.
    bool addsSlash() const;
    /// "name=value" lines for PHP; empty: none.
    std::string php() const;

    /// The rules of the deepest folder that has some, with those it inherits.
    struct Rules {
        std::vector<const RewriteRule*> rules;
        std::string base, folder;
        bool takes_no_slash = false;
    };
    Rules rewriting() const;

 private:
    bool isRewriting() const;
    bool holds(const Block& block, const std::string& name, const Subject& subject, Effort& effort);
    bool isSo(Found found, const Place& place, const char* section);

    const Way& way_;
    std::vector<const Block*> blocks_;
    std::optional<Undecided> undecided_;
};

}  // namespace turnpike::rewrite::htaccess
