// syntax.h - the characters of fields, which the SDK has so that plugins read HTTP by the same rules.
#pragma once
#include "sdk/http/syntax.h"
