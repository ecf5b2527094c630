#!/bin/sh
# Never answers; the pid of its group goes into the file that the query names.
[ -n "$QUERY_STRING" ] && echo $$ > "$QUERY_STRING"
sleep 30 &
wait
