#include "listing.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <tuple>

#include "sdk/support/escape.h"

namespace turnpike::static_files {
namespace {

int32_t collect(void* arg, tp_str name) {
    auto& listing = *static_cast<Listing*>(arg);
    listing.is_cut = listing.names.size() == kMaxListed;
    if (listing.is_cut) return 1;
    listing.names.push_back({std::string(text(name)), false, 0, 0});
    return 0;
}

// Looking each name up also asks the host whether it may be seen.
bool describe(const tp_io& io, tp_request* request, const std::string& folder, Listed& listed) {
    tp_file state{};
    state.struct_size = sizeof state;
    const std::string path = folder + listed.name;
    const int32_t fd = io.open(request, str(path), TP_OPEN_SCRIPT, &state);
    if (fd < 0) return false;
    io.close(request, fd, TP_CLASS_FILE);
    listed.is_folder = state.type == TP_FILE_DIRECTORY;
    listed.size = state.size;
    listed.modified = state.mtime_s;
    return state.type != TP_FILE_OTHER;
}

// "2025-11-24 04:30", in UTC.
std::string dateText(int64_t unix_seconds) {
    using namespace std::chrono;
    const sys_seconds moment{seconds(unix_seconds)};
    const auto day = floor<days>(moment);
    const year_month_day date(day);
    const hh_mm_ss time(moment - day);
    std::array<char, 64> text;
    const int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d", int(date.year()),
                                     unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                                     int(time.minutes().count()));
    return {text.data(), static_cast<size_t>(length)};
}

void appendRow(std::string& page, const Listed& listed) {
    const char* const slash = listed.is_folder ? "/" : "";
    page += "<tr><td><a href=\"";
    support::appendSegment(page, listed.name);
    page.append(slash).append("\">");
    support::appendHtml(page, listed.name);
    page.append(slash).append("</a></td><td align=\"right\">");
    page += listed.is_folder ? "-" : std::to_string(listed.size);
    page.append("</td><td>").append(dateText(listed.modified)).append("</td></tr>\n");
}

}  // namespace

int readListing(const tp_io& io, tp_request* request, std::string_view path, Listing& listing) {
    const int32_t fd = io.open(request, str(path), TP_OPEN_DIRECTORY, nullptr);
    if (fd < 0) return -fd;
    const int32_t listed = io.list(request, fd, collect, &listing);
    io.close(request, fd, TP_CLASS_FILE);
    if (listed < 0) return -listed;
    const std::string folder(path);
    std::erase_if(listing.names, [&](Listed& name) { return !describe(io, request, folder, name); });
    return 0;
}

std::string listingPage(std::string_view path, Listing listing) {
    std::ranges::sort(listing.names, [](const Listed& a, const Listed& b) {
        return std::tuple(!a.is_folder, std::string_view(a.name)) <
               std::tuple(!b.is_folder, std::string_view(b.name));
    });
    std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Index of ";
    support::appendHtml(page, path);
    page += "</title></head>\n<body>\n<h1>Index of ";
    support::appendHtml(page, path);
    page += "</h1>\n<table cellpadding=\"4\">\n<tr><th>Name</th><th>Size</th><th>Changed (UTC)</th></tr>\n";
    if (path != "/") page += "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n";
    for (const Listed& listed : listing.names) appendRow(page, listed);
    page += "</table>\n";
    if (listing.is_cut) page += "<p>There are more names than are listed here.</p>\n";
    page += "</body>\n</html>\n";
    return page;
}

}  // namespace turnpike::static_files
