#!/bin/sh
printf 'Content-Type: text/plain\n\n%s %s %s?%s %s' "$REQUEST_METHOD" "$SCRIPT_NAME" "$PATH_INFO" "$QUERY_STRING" "$REQUEST_URI"
