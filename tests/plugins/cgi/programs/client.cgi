#!/bin/sh
printf 'Location: https://example.org/there\n\n'
