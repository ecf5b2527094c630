#include "trace.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace turnpike::truth {
namespace {

size_t digitsAt(std::string_view text) {
    size_t size = 0;
    while (size < text.size() && std::isdigit(static_cast<unsigned char>(text[size])) != 0) ++size;
    return size;
}

/// The kernel starts such a call again by itself: the program sees one call.
bool isRestart(const std::string& result) { return result.starts_with("? ERESTART"); }

}  // namespace

int readDescriptor(std::string_view text, std::string* what) {
    size_t digits = digitsAt(text);
    if (digits == 0 || digits >= text.size() || text[digits] != '<') return -1;
    // "->" inside the description ends nothing.
    size_t end = digits + 1;
    while (end < text.size() && (text[end] != '>' || text[end - 1] == '-')) ++end;
    if (end == text.size()) return -1;
    if (what != nullptr) *what = text.substr(digits + 1, end - digits - 1);
    return std::atoi(std::string(text.substr(0, digits)).c_str());
}

std::vector<std::string> valuesOf(const std::string& text, const std::string& key) {
    std::vector<std::string> values;
    for (size_t at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
        size_t begin = at + key.size();
        values.push_back(text.substr(begin, text.find_first_of(",}])", begin) - begin));
    }
    return values;
}

void Trace::feed(std::string_view text) {
    rest_.append(text);
    size_t begin = 0;
    for (size_t end; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1)
        line(rest_.substr(begin, end - begin));
    rest_.erase(0, begin);
}

bool Trace::isWaiting() const {
    size_t name = rest_.find_first_not_of("0123456789 ");
    return name != std::string::npos && rest_.compare(name, 11, "epoll_wait(") == 0;
}

void Trace::line(const std::string& text) {
    size_t digits = digitsAt(text);
    size_t begin = text.find_first_not_of(' ', digits);
    if (digits == 0 || begin == std::string::npos) return unread_.push_back(text);
    int thread = std::atoi(text.c_str());
    std::string what = text.substr(begin);
    if (what.starts_with("+++") || what.starts_with("---") || what.find("<detached ...>") != std::string::npos)
        return;
    constexpr std::string_view kUnfinished = " <unfinished ...>";
    if (what.ends_with(kUnfinished)) {
        unfinished_[thread] = what.substr(0, what.size() - kUnfinished.size());
        return;
    }
    if (what.starts_with("<... ")) {
        size_t resumed = what.find(" resumed>");
        if (resumed == std::string::npos) return unread_.push_back(text);
        what = unfinished_[thread] + what.substr(resumed + 9);
        unfinished_.erase(thread);
    }
    if (!call(thread, what)) unread_.push_back(text);
}

bool Trace::call(int thread, const std::string& text) {
    size_t open = text.find('('), equals = text.rfind(" = ");
    size_t close = equals == std::string::npos ? equals : text.rfind(')', equals);
    if (open == std::string::npos || close == std::string::npos || close < open) return false;
    std::string result = text.substr(equals + 3);
    if (isRestart(result)) return true;
    Call c;
    c.thread = thread;
    c.line = text;
    c.name = text.substr(0, open);
    c.args = text.substr(open + 1, close - open - 1);
    c.fd = readDescriptor(c.args, &c.fd_text);
    if (readDescriptor(result, &c.result_text) >= 0) c.result = std::atoi(result.c_str());
    if (c.result_text.empty()) c.result = std::strtoll(result.c_str(), nullptr, 0);
    if (c.result == -1 && result.size() > 3) c.error = result.substr(3, result.find(' ', 3) - 3);
    calls_.push_back(std::move(c));
    return true;
}

}  // namespace turnpike::truth
