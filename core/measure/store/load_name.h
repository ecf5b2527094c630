// load_name.h - how the store writes a LoadKind.
#pragma once
#include "measure/store/model.h"

namespace turnpike::measure {

inline const char* loadName(LoadKind load) { return load == LoadKind::Single ? "single" : "saturation"; }

}  // namespace turnpike::measure
