#!/bin/sh
# The body as it came, with the length that the server told.
printf 'Content-Type: text/plain\nX-Length: %s\n\n' "$CONTENT_LENGTH"
exec cat
