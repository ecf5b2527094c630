// histogram_text.h - a histogram as the text that HdrHistogram's tools plot (.hgrm). Pure; any thread.
#pragma once
#include <string>

#include "base/histogram.h"

namespace turnpike {

/// Lines of Value, Percentile, TotalCount and 1/(1-Percentile): five steps for each half of what is left to 100 %,
/// ended by the largest value, then the mean, the deviation and the size as comments. Values are divided by
/// `unit`: 1e6 writes nanoseconds as milliseconds. An empty histogram has the heading and the comments alone.
std::string hgrm(const Histogram& histogram, double unit);

}  // namespace turnpike
