// A line of an access log: the first line of the input is its format, the rest what a hostile client sent.
// Whatever both are, it is one line of visible ASCII that fits, and without quotation marks that the format has
// not.
#include <algorithm>
#include <string>

#include "fuzz.h"
#include "server/access_log.h"

namespace {

using turnpike::server::AccessLog;
using turnpike::server::LogFile;

tp_str str(std::string_view s) { return {s.data(), s.size()}; }

/// The line that is written, without its end.
std::string_view lineOf(const std::string& format, std::string_view hostile) {
    static uint64_t lost = 0;
    static LogFile file("", lost);  // not open: what is written stays where it was put
    file.flush();
    const tp_field fields[] = {{str("user-agent"), str(hostile)}, {str("referer"), str(hostile)}};
    tp_request_view request{};
    request.struct_size = sizeof request;
    request.fields = fields;
    request.field_count = 2;
    request.remote_address = request.local_address = str("2001:db8:1111:2222:3333:4444:5555:6666");
    request.protocol = str("HTTP/1.1");
    for (tp_str* member : {&request.method, &request.target, &request.path, &request.query, &request.host,
                           &request.site, &request.remote_user})
        *member = str(hostile);
    tp_log_record record{};
    record.total_us = INT64_MAX;
    record.bytes_sent = UINT64_MAX;
    record.plugin = "plugin";
    const char* begin = file.room();
    AccessLog(format, file).write(request, record);
    const char* end = std::find(begin, begin + LogFile::kMostLine, '\n');
    FUZZ_EXPECT(end != begin + LogFile::kMostLine);
    FUZZ_EXPECT(file.room() == end + 1 || !file.hasLines());
    return {begin, static_cast<size_t>(end - begin)};
}

bool isVisible(char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view input = turnpike::fuzz::text(data, size);
    const std::string format(input.substr(0, input.find('\n')));
    const std::string_view hostile = input.substr(std::min(format.size() + 1, input.size()));
    std::string formats[] = {"combined", "json", format};
    for (const std::string& one : formats) {
        if (&one == &formats[2] && !turnpike::config::parseLogFormat(one)) continue;
        if (one == "off") continue;
        const std::string_view line = lineOf(one, hostile);
        FUZZ_EXPECT(std::all_of(line.begin(), line.end(), isVisible));
        if (&one == &formats[2])
            FUZZ_EXPECT(std::count(line.begin(), line.end(), '"') == std::count(one.begin(), one.end(), '"'));
    }
    return 0;
}
