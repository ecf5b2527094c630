// tls.hpp - the fake host's turnpike.tls/1. Nothing is encrypted: what a plugin says comes to the test's server as
// it is. What TLS would find wrong a test says itself, with Io::failNext() and `fault`.
#pragma once
#include <cstring>
#include <deque>
#include <string>

#include "../tls.h"
#include "check.hpp"
#include "io.hpp"

namespace turnpike::fake {

class Tls {
 public:
    Tls() : current_(this) {}

    struct Declared {
        std::string server_name, trust, certificate, key, protocol;
        bool is_unverified = false;
    };
    std::deque<Declared> declared;
    std::string refusal;  // what the next declare() says is wrong
    std::string fault;    // what fault() says
    unsigned connects = 0;

    static const tp_tls_service* table() {
        static const tp_tls_service functions = {sizeof(tp_tls_service), 0, declare, connect, tellFault};
        return &functions;
    }

 private:
    static Tls& get() { return Current<Tls>::get(); }
    static std::string copy(tp_str text) { return {text.ptr, text.len}; }

    static tp_tls* declare(tp_setup*, const tp_tls_spec* spec, char* why, size_t size) {
        setupOnly("declare");
        Tls& self = get();
        if (spec->struct_size < sizeof *spec) die("declare(): tp_tls_spec.struct_size is too small");
        if (spec->server_name.len == 0) die("declare(): server_name is empty");
        if (!self.refusal.empty()) {
            why[self.refusal.copy(why, size - 1)] = '\0';
            return nullptr;
        }
        self.declared.push_back({copy(spec->server_name), copy(spec->trust), copy(spec->certificate),
                                 copy(spec->key), copy(spec->protocol), spec->is_unverified != 0});
        return reinterpret_cast<tp_tls*>(&self.declared.back());
    }
    static int32_t connect(tp_request* payer, tp_str address, tp_tls* tls, int32_t* done) {
        if (tls == nullptr) die("connect() under TLS: tp_tls is NULL");
        ++get().connects;
        const int32_t fd = Io::table()->connect(payer, address, done);
        *done = 0;
        return fd;
    }
    static tp_str tellFault(int) { return str(get().fault); }

    Current<Tls> current_;
};

}  // namespace turnpike::fake
