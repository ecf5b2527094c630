// result.h - a value or the reason why there is none. No threads, no I/O, owns its text.
#pragma once
#include <cerrno>
#include <string>
#include <utility>
#include <variant>

namespace turnpike {

/// Why something failed: an errno-like code and a sentence for a person.
struct Error {
    int code = 0;
    std::string text;
};

/// Either a T or an Error; gcc 12 has no std::expected in C++20.
template <class T>
class [[nodiscard]] Result {
 public:
    Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
    Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

    explicit operator bool() const { return std::holds_alternative<T>(state_); }
    T& operator*() { return std::get<T>(state_); }
    const T& operator*() const { return std::get<T>(state_); }
    T* operator->() { return &std::get<T>(state_); }
    const T* operator->() const { return &std::get<T>(state_); }
    const Error& error() const { return std::get<Error>(state_); }

 private:
    std::variant<T, Error> state_;
};

}  // namespace turnpike
