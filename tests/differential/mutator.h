// mutator.h - messages that are nearly right.
#pragma once
#include <algorithm>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace turnpike::http {

/// Inserts, removes, replaces and doubles bytes and pieces that mean something to HTTP; the same in every run.
class Mutator {
 public:
    /// The text with one to three changes.
    std::string mutate(std::string text) {
        for (size_t left = 1 + pick(3); left > 0; --left) mutateOnce(text);
        return text;
    }

 private:
    size_t pick(size_t bound) { return random_() % bound; }

    void mutateOnce(std::string& text) {
        static constexpr std::string_view kBytes =
            "\r\n\t :,;/?#@[]%\"\\\0\x01\x7f\x80\xff"
            "09aZ+-_.*=(){}<>|~";
        static const char* const kPieces[] = {"\r\n",
                                              "\n",
                                              "\r",
                                              " ",
                                              ": ",
                                              "Content-Length: 3\r\n",
                                              "Transfer-Encoding: chunked\r\n",
                                              "Host: b\r\n",
                                              "Connection: close\r\n",
                                              "chunked, ",
                                              "\r\n ",
                                              "HTTP/1.1",
                                              "HTTP/1.0",
                                              "0",
                                              "http://a",
                                              "Content-Length: "};
        const size_t at = pick(text.size() + 1), length = std::min(pick(4), text.size() - at);
        switch (pick(5)) {
            case 0:
                text.insert(at, 1, kBytes[pick(kBytes.size())]);
                break;
            case 1:
                text.erase(at, length);
                break;
            case 2:
                text.replace(at, std::min<size_t>(1, text.size() - at), 1, kBytes[pick(kBytes.size())]);
                break;
            case 3:
                text.insert(at, kPieces[pick(std::size(kPieces))]);
                break;
            default:
                text.insert(pick(text.size() + 1), text.substr(at, pick(30)));
        }
    }

    std::minstd_rand random_{20260101};
};

}  // namespace turnpike::http
