#!/bin/sh
# Redirects locally and only then does what it was asked for, in the file that the query names.
printf 'Location: /cgi-bin/echo.cgi\n\n'
sleep 0.2
echo "done" >"$QUERY_STRING"
