#!/bin/sh
printf 'Location: /cgi-bin/echo_path.cgi/from-local?x=1\n\n'
