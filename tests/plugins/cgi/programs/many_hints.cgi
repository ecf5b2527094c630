#!/bin/sh
i=0
while [ $i -lt 10000 ]; do
    printf 'Status: 103 Early Hints\nLink: </a.css>; rel=preload\n\n'
    i=$((i + 1))
done
printf 'Content-Type: text/plain\n\nhello\n'
