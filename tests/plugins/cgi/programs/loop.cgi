#!/bin/sh
printf 'Location: /cgi-bin/loop.cgi\n\n'
