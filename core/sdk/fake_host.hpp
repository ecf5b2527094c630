// fake_host.hpp - a server in a header, so that a plugin can be tested without one.
//
//     turnpike::fake::Host host;
//     host.site.root = folder;
//     host.set("greeting", "good evening");
//     ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems()[0];
//     auto& request = host.get("/hello?name=you").field("Accept", "text/plain");
//     ASSERT_TRUE(host.run(request)) << request.why();
//     EXPECT_EQ(request.status(), 200u);
//
// It keeps every promise of plugin.h and services.h and holds the plugin to its own: a function called on the
// wrong thread, a send() before on_writable(), memory changed while the host still reads it, a second resume():
// each ends the test with one sentence and abort(). Build the test with -fsanitize=address,undefined: what
// plugin.h calls borrowed is really freed when it says so. Files, sockets, pipes and child processes are real;
// time is real but can be advanced. No server, no library: POSIX, epoll and C++20.
#pragma once
#include "fake/host.hpp"  // IWYU pragma: export
