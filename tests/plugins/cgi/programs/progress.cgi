#!/bin/sh
# One piece at once, the other when the file that the query names exists.
printf 'Content-Type: text/plain\n\nfirst '
while [ ! -e "$QUERY_STRING" ]; do sleep 0.02; done
printf 'second'
