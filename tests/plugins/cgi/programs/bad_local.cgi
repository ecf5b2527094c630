#!/bin/sh
printf 'Location: /has space\n\n'
