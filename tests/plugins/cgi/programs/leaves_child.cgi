#!/bin/sh
# Answers and ends, but something that it started holds its output.
sleep 30 &
printf 'Content-Type: text/plain\n\nanswered'
