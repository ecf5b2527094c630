#!/bin/sh
# Hints at once, the answer when the file that the query names exists.
printf 'Status: 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nConnection: close\r\n\r\nStatus: 102\n\n'
while [ ! -e "$QUERY_STRING" ]; do sleep 0.02; done
printf 'Content-Type: text/plain\n\nhello\n'
