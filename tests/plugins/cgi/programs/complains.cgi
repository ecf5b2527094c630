#!/bin/sh
printf 'Content-Type: text/plain\n\nfine'
echo 'first complaint' >&2
printf 'second without an end' >&2
