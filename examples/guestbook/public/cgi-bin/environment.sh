#!/bin/sh
# A CGI program in a script language: shows what RFC 3875 tells a program about its request. Everything is done by the
# shell itself, so that a request costs one process.
printf 'Content-Type: text/plain; charset=utf-8\n\nA shell was started for you and was told this:\n\n'
for name in GATEWAY_INTERFACE SERVER_SOFTWARE SERVER_PROTOCOL SERVER_NAME SERVER_PORT REQUEST_METHOD REQUEST_URI \
    SCRIPT_NAME PATH_INFO PATH_TRANSLATED QUERY_STRING CONTENT_TYPE CONTENT_LENGTH REMOTE_ADDR HTTP_HOST \
    HTTP_USER_AGENT HTTP_ACCEPT HTTP_ACCEPT_LANGUAGE; do
    eval "value=\${$name-(not set)}"
    # shellcheck disable=SC2154 # eval sets it
    printf '%-22s %s\n' "$name" "$value"
done
