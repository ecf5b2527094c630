// The smallest useful plugin: it answers every request that its route gets.
#include "sdk/plugin.hpp"

struct Hello {
    static constexpr const char *name = "hello", *version = "1.0", *summary = "says hello from inside the worker";
    static constexpr tp_key keys[] = {{"greeting", TP_KEY_STRING, 0, "Hello", "What to say."}};

    Hello(const tp_host& h, tp_setup& setup)
        : host(h), greeting(turnpike::text(h.config_string(&setup, "greeting"))) {
        greeting += "\n";
    }

    struct Worker {
        Worker(Hello& plugin, tp_worker*) : hello(plugin) {}
        tp_verdict onRequest(tp_request* request) {
            return turnpike::answer(hello.host, request, 200, "text/plain; charset=utf-8", hello.greeting);
        }
        Hello& hello;
    };

    const tp_host& host;
    std::string greeting;
};

TURNPIKE_PLUGIN(Hello)
