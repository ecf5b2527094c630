// chunked.h - the chunked transfer coding, which the SDK has so that plugins read HTTP by the same rules.
#pragma once
#include "sdk/http/chunked.h"
