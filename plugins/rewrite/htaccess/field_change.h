// field_change.h - what Header and RequestHeader make of the values that a field has. Pure but for looking whether
// files are there.
#pragma once
#include <string>
#include <vector>

#include "model.h"
#include "subject.h"

namespace turnpike::rewrite::htaccess {

/// The values as one, with ", " between them.
std::string joined(const std::vector<std::string>& values);
/// Yes: `values` are others now, none of them means that there is no such field any more. No: they stay.
Found changeField(const HeaderChange& change, const Subject& subject, Effort& effort,
                  std::vector<std::string>& values);

}  // namespace turnpike::rewrite::htaccess
