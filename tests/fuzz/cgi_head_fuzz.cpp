// A CGI response head from a hostile program. The first byte says where the input is cut: the result must not
// depend on it, and nothing that is handed on may hold a byte that could start another line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sdk/gateway/gateway.h"
#include "sdk/plugin.hpp"

namespace {

using turnpike::text;
using turnpike::gateway::Dialect;
using turnpike::gateway::ResponseHead;

void require(bool holds) {
    if (!holds) std::abort();
}

bool isClean(std::string_view value) {
    using namespace std::string_view_literals;
    return value.find_first_of("\r\n\0"sv) == value.npos;
}

void check(const ResponseHead& head) {
    require(head.state() == ResponseHead::State::Bad || head.reason().empty());
    const bool is_interim = head.state() == ResponseHead::State::Interim;
    if (head.state() != ResponseHead::State::Complete && !is_interim) return;
    require(head.status() <= 599 && head.status() != 101);
    require(is_interim ? head.status() >= 102 && head.status() < 200 : head.status() >= 200);
    require(head.interims() <= TP_MOST_INTERIMS);
    require(head.length() >= -1);
    for (const tp_field& field : head.fields())
        require(field.name.len > 0 && isClean(text(field.name)) && isClean(text(field.value)));
    require(head.localRedirect().empty() || head.localRedirect()[0] == '/');
}

void requireSame(const ResponseHead& a, const ResponseHead& b) {
    require(a.state() == b.state() && a.reason() == b.reason() && a.status() == b.status());
    require(a.length() == b.length() && a.size() == b.size() && a.localRedirect() == b.localRedirect());
    require(a.fields().size() == b.fields().size());
    for (size_t i = 0; i < a.fields().size(); ++i) {
        require(text(a.fields()[i].name) == text(b.fields()[i].name));
        require(text(a.fields()[i].value) == text(b.fields()[i].value));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    for (Dialect dialect : {Dialect::Cgi, Dialect::NonParsed}) {
        ResponseHead whole(512, dialect), pieces(512, dialect);
        size_t consumed = 0, at = 0;
        const size_t step = data[0] % 16u + 1u;
        do {  // once for each interim head, and once for the answer's own
            size_t taken_whole = 0;
            whole.feed(input.substr(consumed), &taken_whole);
            consumed += taken_whole;
            do {
                size_t taken = 0;
                pieces.feed(input.substr(at, step), &taken);
                require(taken > 0 || at == input.size());
                at += taken;
            } while (at < input.size() && pieces.state() == ResponseHead::State::More);
            require(at == consumed);
            check(whole);
            requireSame(whole, pieces);
        } while (whole.state() == ResponseHead::State::Interim && consumed < input.size());
    }
    return 0;
}
