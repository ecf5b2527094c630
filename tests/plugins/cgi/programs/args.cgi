#!/bin/sh
printf 'Content-Type: text/plain\n\n%s:' "$#"
for word in "$@"; do printf '[%s]' "$word"; done
