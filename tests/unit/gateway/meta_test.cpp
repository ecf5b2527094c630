#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sdk/gateway/gateway.h"
#include "sdk/plugin.hpp"

namespace turnpike::gateway {
namespace {

class MetaVariables : public testing::Test {
 protected:
    MetaVariables() {
        view.struct_size = sizeof view;
        view.method = str("GET");
        view.target = str("/app.cgi/extra?a=b%20c");
        view.path = str("/app.cgi/extra");
        view.query = str("a=b%20c");
        view.host = str("example.org");
        view.protocol = str("HTTP/1.1");
        view.remote_address = str("192.0.2.7");
        view.remote_port = 40001;
        view.local_address = str("127.0.0.1");
        view.local_port = 8080;
        view.document_root = str("/srv/www");
        view.received_unix_ms = 1700000000045;
    }
    void field(std::string_view name, std::string_view value) { fields.push_back({str(name), str(value)}); }
    std::map<std::string, std::string> build(uint64_t length = 0, bool pass_authorization = false,
                                             const Pairs& extra = {}) {
        view.fields = fields.data();
        view.field_count = static_cast<uint32_t>(fields.size());
        Variables variables;
        meta(view, script, length, pass_authorization, extra, variables);
        std::map<std::string, std::string> map;
        for (size_t i = 0; i < variables.size(); ++i) {
            std::string name(variables.name(i)), value(variables.value(i));
            EXPECT_EQ(variables.entry(i), name + "=" + value);
            EXPECT_TRUE(map.emplace(name, value).second) << name << " twice";
        }
        return map;
    }
    tp_request_view view{};
    std::vector<tp_field> fields;
    Script script{"/srv/www/app.cgi", "/app.cgi", "/extra"};
};

TEST_F(MetaVariables, TakeVariablesOfAccessHooksButNotInsteadOfTheServersOwn) {
    field("x-one", "client");
    const tp_field variables[] = {
        {str("HTTP_X_ONE"), str("hook")},    {str("HTTP_AUTHORIZATION"), str("Basic eA==")},
        {str("SHOP"), str("toys")},          {str("SCRIPT_FILENAME"), str("/etc/passwd")},
        {str("DOCUMENT_ROOT"), str("/etc")}, {str("GIVEN"), str("hook")}};
    view.variables = variables;
    view.variable_count = std::size(variables);
    auto map = build(0, false, {{"GIVEN", "config"}});
    EXPECT_EQ(map["HTTP_X_ONE"], "hook");
    EXPECT_EQ(map["HTTP_AUTHORIZATION"], "Basic eA==");
    EXPECT_EQ(map["SHOP"], "toys");
    EXPECT_EQ(map["SCRIPT_FILENAME"], "/srv/www/app.cgi");
    EXPECT_EQ(map["DOCUMENT_ROOT"], "/srv/www");
    EXPECT_EQ(map["GIVEN"], "config");
}

TEST_F(MetaVariables, ReadNoVariablesOfAHostThatHasNone) {
    const tp_field variables[] = {{str("SHOP"), str("toys")}};
    view.variables = variables;
    view.variable_count = 1;
    view.struct_size = offsetof(tp_request_view, variables);
    EXPECT_EQ(build().count("SHOP"), 0u);
}

TEST_F(MetaVariables, SayAllOfRfc3875) {
    field("host", "example.org:8080");
    field("content-type", "text/plain");
    const std::map<std::string, std::string> expected = {
        {"GATEWAY_INTERFACE", "CGI/1.1"},
        {"REQUEST_METHOD", "GET"},
        {"SCRIPT_NAME", "/app.cgi"},
        {"SCRIPT_FILENAME", "/srv/www/app.cgi"},
        {"PATH_INFO", "/extra"},
        {"PATH_TRANSLATED", "/srv/www/extra"},
        {"DOCUMENT_ROOT", "/srv/www"},
        {"DOCUMENT_URI", "/app.cgi/extra"},
        {"QUERY_STRING", "a=b%20c"},
        {"REQUEST_URI", "/app.cgi/extra?a=b%20c"},
        {"CONTENT_LENGTH", "12"},
        {"CONTENT_TYPE", "text/plain"},
        {"SERVER_NAME", "example.org"},
        {"SERVER_PORT", "8080"},
        {"SERVER_PROTOCOL", "HTTP/1.1"},
        {"SERVER_SOFTWARE", "Turnpike"},
        {"SERVER_ADDR", "127.0.0.1"},
        {"REMOTE_ADDR", "192.0.2.7"},
        {"REMOTE_HOST", "192.0.2.7"},
        {"REMOTE_PORT", "40001"},
        {"REQUEST_SCHEME", "http"},
        {"REQUEST_TIME", "1700000000"},
        {"REQUEST_TIME_FLOAT", "1700000000.045"},
        {"REDIRECT_STATUS", "200"},
        {"HTTP_HOST", "example.org:8080"},
    };
    EXPECT_EQ(build(12), expected);
}

TEST_F(MetaVariables, LeaveOutWhatIsNotThere) {
    script.path_info.clear();
    auto variables = build();
    for (const char* name : {"CONTENT_LENGTH", "CONTENT_TYPE", "PATH_INFO", "PATH_TRANSLATED", "AUTH_TYPE",
                             "REMOTE_USER", "REMOTE_IDENT", "HTTPS"})
        EXPECT_EQ(variables.count(name), 0u) << name;
    view.query = str("");
    EXPECT_EQ(build().count("QUERY_STRING"), 1u);
}

TEST_F(MetaVariables, TellAnEmptyBodyFromNone) {
    field("content-length", "0");
    EXPECT_EQ(build()["CONTENT_LENGTH"], "0");
}

TEST_F(MetaVariables, JoinRepeatedFields) {
    field("accept", "text/html");
    field("cookie", "a=1");
    field("accept", "*/*");
    field("cookie", "b=2");
    auto variables = build();
    EXPECT_EQ(variables["HTTP_ACCEPT"], "text/html, */*");
    EXPECT_EQ(variables["HTTP_COOKIE"], "a=1; b=2");
}

TEST_F(MetaVariables, WithholdWhatCouldDeceiveAProgram) {
    field("proxy", "http://evil.example");
    field("content-length", "5");
    field("x_forwarded_user", "root");
    field("x.dot", "1");
    field("authorization", "Basic c2VjcmV0");
    field("proxy-authorization", "Basic c2VjcmV0");
    field("x-good-1", "yes");
    auto variables = build(5);
    EXPECT_EQ(variables["HTTP_X_GOOD_1"], "yes");
    for (const auto& [name, value] : variables)
        EXPECT_EQ(name.starts_with("HTTP_"), name == "HTTP_X_GOOD_1") << name;
}

TEST_F(MetaVariables, KeepAuthorizationThatTheServerChecked) {
    field("authorization", "Basic c2VjcmV0");
    view.remote_user = str("ann");
    auto variables = build(0, true);
    EXPECT_EQ(variables["REMOTE_USER"], "ann");
    EXPECT_EQ(variables["AUTH_TYPE"], "Basic");
    EXPECT_FALSE(variables.contains("HTTP_AUTHORIZATION"));
}

TEST_F(MetaVariables, PassAuthorizationOnlyWhenAsked) {
    field("authorization", "Basic c2VjcmV0");
    EXPECT_EQ(build().count("HTTP_AUTHORIZATION"), 0u);
    EXPECT_EQ(build(0, true)["HTTP_AUTHORIZATION"], "Basic c2VjcmV0");
}

TEST_F(MetaVariables, NameTheUserThatTheServerFound) {
    field("authorization", "Basic c2VjcmV0");
    view.remote_user = str("ada");
    auto variables = build();
    EXPECT_EQ(variables["REMOTE_USER"], "ada");
    EXPECT_EQ(variables["AUTH_TYPE"], "Basic");
}

TEST_F(MetaVariables, SayThatTheRequestWasSecure) {
    view.secure = 1;
    auto variables = build();
    EXPECT_EQ(variables["HTTPS"], "on");
    EXPECT_EQ(variables["REQUEST_SCHEME"], "https");
}

TEST_F(MetaVariables, TellWhatTheHandshakeHasFound) {
    view.secure = 1;
    view.tls_version = str("TLSv1.3");
    view.tls_cipher = str("TLS_AES_128_GCM_SHA256");
    auto variables = build();
    EXPECT_EQ(variables["SSL_PROTOCOL"], "TLSv1.3");
    EXPECT_EQ(variables["SSL_CIPHER"], "TLS_AES_128_GCM_SHA256");
    EXPECT_EQ(variables["SSL_CLIENT_VERIFY"], "NONE");
    EXPECT_EQ(variables.count("SSL_CLIENT_S_DN"), 0u);
    view.client_verified = 1;
    view.client_subject = str("CN=ada");
    view.client_issuer = str("CN=ca");
    view.client_serial = str("1F");
    variables = build();
    EXPECT_EQ(variables["SSL_CLIENT_VERIFY"], "SUCCESS");
    EXPECT_EQ(variables["SSL_CLIENT_S_DN"], "CN=ada");
    EXPECT_EQ(variables["SSL_CLIENT_I_DN"], "CN=ca");
    EXPECT_EQ(variables["SSL_CLIENT_M_SERIAL"], "1F");
}

TEST_F(MetaVariables, LetTheConfigurationWin) {
    field("x-a", "client");
    auto variables = build(0, false,
                           {{"SERVER_NAME", "fixed"},
                            {"HTTP_X_A", "config"},
                            {"APP_ENV", "test"},
                            {"PATH_TRANSLATED", "/elsewhere"},
                            {"REQUEST_TIME_FLOAT", "0"}});
    EXPECT_EQ(variables["SERVER_NAME"], "fixed");
    EXPECT_EQ(variables["HTTP_X_A"], "config");
    EXPECT_EQ(variables["APP_ENV"], "test");
    EXPECT_EQ(variables["PATH_TRANSLATED"], "/elsewhere");
    EXPECT_EQ(variables["REQUEST_TIME_FLOAT"], "0");
}

TEST_F(MetaVariables, WriteServerNameAsTheStandardWantsIt) {
    view.host = str("");
    EXPECT_EQ(build()["SERVER_NAME"], "127.0.0.1");
    view.local_address = str("::1");
    EXPECT_EQ(build()["SERVER_NAME"], "[::1]");
    view.host = str("[::1]");
    EXPECT_EQ(build()["SERVER_NAME"], "[::1]");
}

TEST_F(MetaVariables, GiveThePathOfAnAbsoluteTarget) {
    const std::pair<const char*, const char*> cases[] = {
        {"http://example.org/a?b", "/a?b"}, {"http://example.org", "/"}, {"/a://b", "/a://b"}, {"*", "*"}};
    for (auto [target, expected] : cases) {
        view.target = str(target);
        EXPECT_EQ(build()["REQUEST_URI"], expected);
    }
}

TEST_F(MetaVariables, NameNoFileForAGatewayWithoutFiles) {
    script = {"", "/app", "/x"};
    view.document_root = str("");
    auto variables = build();
    EXPECT_EQ(variables.count("SCRIPT_FILENAME"), 0u);
    EXPECT_EQ(variables.count("PATH_TRANSLATED"), 0u);
    EXPECT_EQ(variables["SCRIPT_NAME"], "/app");
}

TEST_F(MetaVariables, ReuseTheirMemory) {
    Variables variables;
    meta(view, script, 0, false, {}, variables);
    const char* before = variables.entry(0).data();
    size_t count = variables.size();
    variables.clear();
    EXPECT_EQ(variables.size(), 0u);
    meta(view, script, 0, false, {}, variables);
    EXPECT_EQ(variables.size(), count);
    EXPECT_EQ(variables.entry(0).data(), before);
}

}  // namespace
}  // namespace turnpike::gateway
