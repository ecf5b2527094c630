#!/bin/sh
# Will not go at SIGTERM.
trap '' TERM
while :; do sleep 0.05; done
